/** The same time for every packet. `{ constant: 5us }` is short for `{ constant: { value: 5us } }`. */
import { z } from 'zod'
import { durationNs } from '../../unit-schemas.ts'
import type { Distribution } from './distribution.ts'

const parameters = z.union([
  durationNs.transform((value) => ({ value })),
  z.strictObject({ value: durationNs.describe('the time') }),
])

export const constant: Distribution<typeof parameters> = {
  name: 'constant',
  description: 'always `value`',
  usesRandom: false,
  parameters,
  meanNs: ({ value }) => value,
  maxNs: ({ value }) => value,
  create:
    ({ value }) =>
    () =>
      value,
}
