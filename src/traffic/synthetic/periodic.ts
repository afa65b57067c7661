/** Periodic arrivals: equal gaps. */
import { z } from 'zod'
import type { ArrivalProcess } from './parts/arrival-process.ts'

const parameters = z.strictObject({})

export const periodic: ArrivalProcess<typeof parameters> = {
  name: 'periodic',
  description: 'synthetic: equal gaps at a fixed rate',
  parameters,
  usesRandom: false,
  create: (_parameters, packetsPerSecond) => () => 1e9 / packetsPerSecond,
}
