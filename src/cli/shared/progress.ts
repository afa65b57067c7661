/**
 * The progress bar of long work: on stderr, for terminals only, and not before a second has passed. Several
 * runs may be under way at once; the bar shows the share of all of them together, and how long the rest will
 * take if it is like what is done.
 */
import type { SingleBar } from 'cli-progress'
import type { Output } from './process-io.ts'

const PATIENCE_MS = 1000

export interface Progress {
  /** @param share of the run, 0..1 */
  update(run: number, share: number): void
  /** "about 3 min to go"; empty as long as nothing is known. */
  remaining(): string
  /** What is done of all runs together, from 0 to 1. */
  share(): number
  /** Takes the bar away, for good. */
  stop(): void
}

/**
 * @param runs how many there will be
 * @param what they are to the user: "5 runs"
 */
export async function startProgress(
  stderr: Output,
  runs: number,
  wanted: boolean,
  what: string = `${runs} runs`,
): Promise<Progress> {
  const hasBar = wanted && stderr.isTTY === true
  const Bar = hasBar ? (await import('cli-progress')).SingleBar : undefined
  const begin = new Date()
  const shares = new Float64Array(runs)
  let sum = 0
  let bar: SingleBar | undefined
  let stopped = false
  const elapsedMs = () => {
    const now = new Date()
    return now.getTime() - begin.getTime()
  }
  const remaining = () => {
    return sum <= 0 ? '' : `about ${timeText((elapsedMs() / 1000 / sum) * (runs - sum))} to go`
  }
  return {
    update(run, share) {
      sum += share - shares[run]!
      shares[run] = share
      if (Bar === undefined || stopped || elapsedMs() < PATIENCE_MS) return
      if (bar === undefined) {
        bar = new Bar({
          stream: (stderr.raw ?? stderr) as unknown as NodeJS.WritableStream,
          format: `{bar} {percentage} % of ${what}, {duration_formatted}, {remaining}`,
          barsize: 30,
          hideCursor: true,
          clearOnComplete: true,
          gracefulExit: false,
        })
        bar.start(runs, sum, { remaining: remaining() })
      } else bar.update(sum, { remaining: remaining() })
    },
    remaining,
    share: () => sum / runs,
    stop() {
      stopped = true
      bar?.stop()
    },
  }
}

/** A time that is only a guess: "40 s", "3 min", "2.5 h". */
export function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
