/** The registry of sources: captures, and the arrival processes of synthetic traffic. */

import { markovModulated } from './markov-modulated.ts'
import { onOff } from './on-off.ts'
import { paretoOnOff } from './pareto-on-off.ts'
import type { ArrivalProcess } from './parts/arrival-process.ts'
import { periodic } from './periodic.ts'
import { poisson } from './poisson.ts'

export const arrivalProcesses: ReadonlyMap<string, ArrivalProcess> = new Map(
  [poisson, periodic, onOff, paretoOnOff, markovModulated].map((process) => [
    process.name,
    process as unknown as ArrivalProcess,
  ]),
)
