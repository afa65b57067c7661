/** Periodic arrivals: equal gaps. */
import type { ArrivalProcess } from './arrival-process.ts'

export const periodic: ArrivalProcess = {
  name: 'periodic',
  description: 'synthetic: equal gaps at a fixed rate',
  usesRandom: false,
  create: (packetsPerSecond) => () => 1e9 / packetsPerSecond,
}
