/**
 * Who used the cores while a replay ran, and how long its threads waited for one. A thread that is ready to
 * run and has no core is as late as one that the host stopped; the replay's own use doesn't show it.
 */
import type { CpuUse } from '../device/cpu-use.ts'
import type { Role } from '../threads/setup.ts'
import type { ThreadWait } from '../threads/threads.ts'

/** Time that threads were ready to run and had no core, ns; null where the kernel doesn't tell. */
export interface RunQueueWaits {
  readonly injector: number | null
  /** Without a dispatcher there is none. */
  readonly reader: number | null
  /** Of all lanes together. */
  readonly lanes: number | null
  readonly collector: number | null
}

/** One replay's; null where this system doesn't tell. */
export interface MachineUse {
  /** Time that cores ran other programs, summed over the cores. */
  readonly othersBusyNs: number | null
  /** Share of the replay during which some thread of the machine waited for a core, from 0 to 1. */
  readonly cpuPressureRatio: number | null
  readonly runQueueWaitNs: RunQueueWaits
  /** Of the time that the replay's threads wanted a core, the share that they had none, from 0 to 1. */
  readonly runQueueWaitRatio: number | null
}

/** @param own what this process used, ns */
export function machineUse(
  { busyNs, pressureNs }: CpuUse,
  waits: readonly ThreadWait[],
  coresBusyNs: number,
  wallSeconds: number,
): MachineUse {
  const sum = (ones: readonly ThreadWait[]) =>
    ones.length === 0 ? Number.NaN : ones.reduce((ns, { runQueueWaitNs }) => ns + runQueueWaitNs, 0)
  const ofRole = (wanted: Role) => known(sum(waits.filter(({ role }) => role === wanted)))
  const waitedNs = sum(waits)
  return {
    // Ticks of 10 ms count what is running, so short runs of our threads may be missed or counted twice.
    othersBusyNs: known(Math.max(0, busyNs - coresBusyNs)),
    cpuPressureRatio: known(Math.min(1, pressureNs / (wallSeconds * 1e9))),
    runQueueWaitNs: {
      injector: ofRole('injector'),
      reader: ofRole('reader'),
      lanes: ofRole('lane'),
      collector: ofRole('collector'),
    },
    runQueueWaitRatio: known(waitedNs / (waitedNs + coresBusyNs)),
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
