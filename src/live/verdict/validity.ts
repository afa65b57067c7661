/**
 * Was a replay undisturbed enough to be compared with anything? A virtual machine's host takes time away from
 * it (steal), and an injector that comes late has sent other traffic than was asked for. Such a replay is to
 * be repeated.
 */
import { formatDurationNs, significant } from '../../units.ts'

export interface ValidityBounds {
  /** Stolen CPU time per time that passed, 1 is one core. */
  readonly stealShareMax: number
  readonly latenessNsP99Max: number
}

/**
 * Twice and more of what a prototype reached on two cores that were left alone (p99 up to 2 ms); a run that
 * its host spoilt had a steal share of 0.1.
 */
export const DEFAULT_BOUNDS: ValidityBounds = { stealShareMax: 0.02, latenessNsP99Max: 5e6 }

export interface Disturbance {
  readonly stealNs: number
  readonly wallSeconds: number
  /** NaN where no time was planned (top speed). */
  readonly lateness: { readonly p99Ns: number }
}

/** Why the replay is invalid, one line each; none: it is valid. */
export function invalidities(
  { stealNs, wallSeconds, lateness }: Disturbance,
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
  if (lateness.p99Ns > bounds.latenessNsP99Max) {
    reasons.push(
      `1 % of the packets were sent more than ${formatDurationNs(lateness.p99Ns)} late, bound ${formatDurationNs(bounds.latenessNsP99Max)} - repeat it, or replay slower`,
    )
  }
  return reasons
}
