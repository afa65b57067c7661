/**
 * Whole runs as what was sent and when it arrived (traffic/arrivals/sent-run.ts), lost packets included: from
 * an arrivals CSV, or from captures of both sides. And the other way round: a run whose file doesn't number
 * packets, as something to be judged.
 */
import { withLost } from '../node/arrivals-input.ts'
import { openBytes } from '../node/open-bytes.ts'
import { readSentFile } from '../traffic/arrivals/arrivals-traffic.ts'
import type { SentFile } from '../traffic/arrivals/sent-rows.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import type { CapturePaths } from '../traffic/capture/capture-files.ts'
import { Arrivals, countsOf, type Measured } from './arrivals/arrivals.ts'
import { alignClocks } from './matching/clock.ts'
import { type MatchOptions, matchCaptures } from './matching/match.ts'

/** An arrivals CSV with the file of lost packets beside it. @param name stands for the path in messages */
export function readSentArrivals(path: string, name = path): Promise<SentFile> {
  return readSentFile(withLost(path), name, openBytes)
}

/** Two captures, as `measure --sent --received` pairs them. Throws a UserError as that does. */
export async function matchedRun(
  sent: CapturePaths,
  received: CapturePaths,
  options?: MatchOptions,
): Promise<SentRun> {
  return (await matchCaptures(sent, received, options)).sentRun!()
}

/**
 * The run in order of arrival, each flow numbered in order of sending; undefined where no packet has a time
 * of arrival.
 */
export function measuredRun({ run, flows }: Pick<SentFile, 'run' | 'flows'>): Measured | undefined {
  const { count, sentNs, receivedNs, sizeBytes, flow, flowCount } = run
  const sent = new Float64Array(flowCount)
  const sequence = new Float64Array(count)
  for (let row = 0; row < count; row++) sequence[row] = sent[flow[row]!]!++
  const arrived = Int32Array.from({ length: count }, (_, row) => row).filter(
    (row) => !Number.isNaN(receivedNs[row]!),
  )
  if (arrived.length === 0) return undefined
  arrived.sort((a, b) => receivedNs[a]! - receivedNs[b]! || a - b)
  const arrivals = new Arrivals(arrived.length)
  for (const row of arrived) {
    const to = arrivals.add(flow[row]!, sequence[row]!)
    arrivals.sentNs[to] = sentNs[row]!
    arrivals.receivedNs[to] = receivedNs[row]!
    arrivals.sizeBytes[to] = sizeBytes[row]!
  }
  const clock = alignClocks(arrivals.sentNs, arrivals.receivedNs, arrivals.count)
  const named = {
    count: flowCount,
    describe: (index: number) => flows.describe(index),
    protocol: () => undefined,
    sent: () => undefined,
  }
  return { arrivals, flows: named, counts: countsOf(arrivals.count), clock, notes: [] }
}
