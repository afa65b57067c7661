/** Half of 300 signals at random moments, over all verbs; the others are in more-signals.slow.test.ts. */
import { test } from 'node:test'
import { signalAtRandom } from './random-signals.testing.ts'

const skip = process.platform !== 'linux' && 'reads /proc'

test(
  '150 signals end every verb within a second, and nothing finished is lost',
  {
    skip,
    timeout: 1_200_000,
  },
  () => signalAtRandom('signals', 150),
)
