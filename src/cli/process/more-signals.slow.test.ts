/** The other half of the signals of random-signals.slow.test.ts, on other seeds, beside them. */
import { test } from 'node:test'
import { signalAtRandom } from './random-signals.testing.ts'

const skip = process.platform !== 'linux' && 'reads /proc'

test(
  '150 more signals end every verb within a second, and nothing finished is lost',
  {
    skip,
    timeout: 1_200_000,
  },
  () => signalAtRandom('more signals', 150),
)
