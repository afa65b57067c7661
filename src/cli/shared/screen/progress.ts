/**
 * How much of several runs is done, which may be under way at once, and how long the rest will take if it is
 * like what is done.
 */

export interface Progress {
  /** @param share of the run, 0..1 */
  update(run: number, share: number): void
  /** "about 3 min to go"; empty as long as nothing is known. */
  remaining(): string
  /** What is done of all runs together, from 0 to 1. */
  share(): number
}

/** @param runs how many there will be */
export function startProgress(runs: number): Progress {
  const beganMs = clockMs()
  const shares = new Float64Array(runs)
  let sum = 0
  return {
    update(run, share) {
      sum += share - shares[run]!
      shares[run] = share
    },
    remaining() {
      const seconds = (clockMs() - beganMs) / 1000
      return sum <= 0 ? '' : `about ${timeText((seconds / sum) * (runs - sum))} to go`
    },
    share: () => sum / runs,
  }
}

/** A time that is only a guess: "40 s", "3 min", "2.5 h". */
export function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

/** Time for people, ms. */
export function clockMs(): number {
  const now = new Date()
  return now.getTime()
}
