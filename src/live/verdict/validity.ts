/**
 * Was a replay undisturbed enough to be compared with anything? A virtual machine's host takes time away from
 * it (steal), other programs take cores that its threads wait for, and an injector that comes late has sent
 * other traffic than was asked for. Such a replay is to be repeated.
 */
import { formatDurationNs, significant } from '../../units.ts'
import type { MachineUse } from './machine-use.ts'

export interface ValidityBounds {
  /** Stolen CPU time per time that passed, 1 is one core. */
  readonly stealShareMax: number
  readonly latenessNsP99Max: number
  /** Of the time that the replay's threads wanted a core, the share that they had none. */
  readonly runQueueWaitRatioMax: number
  /** Cores that other programs use: below it threads wait for each other only, which is the replay's own. */
  readonly othersCoresMax: number
}

/**
 * Twice and more of what a prototype reached on two cores that were left alone (p99 up to 2 ms); a run that
 * its host spoilt had a steal share of 0.1. Threads that preempt all others waited 0.05 to 0.18 of the time
 * at 2,000 to 5,000 packets/s; beside others that took turns with them 0.25 and more, with a
 * 99th percentile of latency several times as high (docs/live.md).
 */
export const DEFAULT_BOUNDS: ValidityBounds = {
  stealShareMax: 0.02,
  latenessNsP99Max: 5e6,
  runQueueWaitRatioMax: 0.2,
  othersCoresMax: 0.2,
}

export interface Disturbance {
  readonly stealNs: number
  readonly wallSeconds: number
  /** NaN where no time was planned (top speed). */
  readonly lateness: { readonly p99Ns: number }
  readonly machineUse: Pick<MachineUse, 'othersBusyNs' | 'runQueueWaitRatio'>
}

/** Why the replay is invalid, one line each; none: it is valid. */
export function invalidities(
  { stealNs, wallSeconds, lateness, machineUse }: Disturbance,
  bounds: ValidityBounds = DEFAULT_BOUNDS,
): string[] {
  const reasons: string[] = []
  const percent = (share: number) => `${significant(share * 100, 2)} %`
  const stealShare = stealNs / (wallSeconds * 1e9)
  if (!(stealShare <= bounds.stealShareMax)) {
    reasons.push(
      `the host took ${percent(stealShare)} of a core away, more than ${percent(bounds.stealShareMax)} - repeat it when the host is quiet`,
    )
  }
  const { othersBusyNs, runQueueWaitRatio } = machineUse
  // Without the figure of the others, whoever waits much is taken to wait for them.
  const othersCores = (othersBusyNs ?? Number.POSITIVE_INFINITY) / (wallSeconds * 1e9)
  const isWaiting = runQueueWaitRatio !== null && runQueueWaitRatio > bounds.runQueueWaitRatioMax
  if (isWaiting && othersCores > bounds.othersCoresMax) {
    const others =
      othersBusyNs === null ? '' : ` while other programs used ${significant(othersCores, 2)} cores,`
    reasons.push(
      `its threads had no core ${percent(runQueueWaitRatio)} of the time that they wanted one${others} bound ${percent(bounds.runQueueWaitRatioMax)} - repeat it when the machine is idle`,
    )
  }
  if (lateness.p99Ns > bounds.latenessNsP99Max) {
    reasons.push(
      `1 % of the packets were sent more than ${formatDurationNs(lateness.p99Ns)} late, bound ${formatDurationNs(bounds.latenessNsP99Max)} - repeat it, or replay slower`,
    )
  }
  return reasons
}
