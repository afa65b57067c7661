/**
 * The progress bar of long work: on stderr, for terminals only, and not before a second has passed. Several runs
 * may be under way at once; the bar shows the share of all of them together.
 */
import type { SingleBar } from 'cli-progress'
import type { Output } from './surroundings.ts'

const PATIENCE_MS = 1000

export interface Progress {
  /** @param share of the run, 0..1 */
  update(run: number, share: number): void
  /** Takes the bar away, for good. */
  stop(): void
}

/** @param runs how many there will be */
export async function startProgress(stderr: Output, runs: number, wanted: boolean): Promise<Progress> {
  if (!wanted || !stderr.isTTY) return { update() {}, stop() {} }
  const { SingleBar } = await import('cli-progress')
  const visibleFrom = new Date()
  visibleFrom.setMilliseconds(visibleFrom.getMilliseconds() + PATIENCE_MS)
  const shares = new Array<number>(runs).fill(0)
  let bar: SingleBar | undefined
  let stopped = false
  return {
    update(run, share) {
      shares[run] = share
      if (stopped || new Date() < visibleFrom) return
      const sum = shares.reduce((total, part) => total + part, 0)
      if (bar === undefined) {
        bar = new SingleBar({
          stream: stderr as unknown as NodeJS.WritableStream,
          format: '{bar} {percentage} % of {total} runs, {duration_formatted}',
          barsize: 30,
          hideCursor: true,
          clearOnComplete: true,
          gracefulExit: false,
        })
        bar.start(runs, sum)
      } else bar.update(sum)
    },
    stop() {
      stopped = true
      bar?.stop()
    },
  }
}
