/** The registry of sources: captures, and the arrival processes of synthetic traffic. */
import type { ArrivalProcess } from './arrival-process.ts'
import { periodic } from './periodic.ts'
import { poisson } from './poisson.ts'

export const arrivalProcesses: ReadonlyMap<string, ArrivalProcess> = new Map(
  [poisson, periodic].map((process) => [process.name, process]),
)
