/**
 * A capture as a source: its IP packets in file order, at their own times. Time zero of the run is the whole second
 * at or before the first packet, so that whole-second clocks tick as they did in the capture; a packet earlier than
 * one before it in the file arrives together with that one (`clampedPackets`). Time may be rescaled, repeated, or,
 * where all packets share one time, replaced by a Poisson or periodic clock.
 */

import { type PacketColumns, packetColumns } from '../capture/columns.ts'
import { type CaptureReader, openCapture } from '../capture/reader.ts'
import type { CaptureStats } from '../capture/stats.ts'
import { UserError } from '../errors.ts'
import { CHUNK_PACKETS, type PacketChunk, type PacketSource } from '../model/chunk.ts'
import { FlowTable } from '../model/flow-table.ts'
import { DURATION_NS_MAX } from '../units.ts'

const DAY_NS = 86_400e9

export interface CaptureSourceOptions {
  readonly path: string
  /** Time runs this many times faster; default 1. */
  readonly speed?: number
  /** How often the capture is played, default 1; a round starts one mean gap after the last packet of the one before. */
  readonly loop?: number
  /** Rescales time so that packets / (last - first arrival) is this; before `speed`. */
  readonly packetsPerSecond?: number
  /** What `packetsPerSecond` does to a capture whose packets all share one time; default poisson. */
  readonly clock?: 'poisson' | 'periodic'
  /** Uniform in [0, 1); needed for the Poisson clock. */
  readonly random?: () => number
}

export interface CaptureSource extends PacketSource {
  /** One line each about what was left out of the capture; complete once the source has ended. */
  readonly problems: readonly string[]
  /** What the capture holds: all of it after a first pass (`loop`, `packetsPerSecond`), else what was read so far. */
  readonly stats: CaptureStats
  /** Packets so far that were earlier than one before them, over all rounds. */
  readonly clampedPackets: number
}

/** Opens a capture as a source. Throws a UserError for a file that can't be used. */
export async function captureSource(options: CaptureSourceOptions): Promise<CaptureSource> {
  const { path, speed = 1, loop = 1, packetsPerSecond, clock = 'poisson', random } = options
  const survey = loop > 1 || packetsPerSecond !== undefined ? await surveyOf(path) : undefined
  let scale = 1 / speed
  let roundNs = 0
  let gapNs: (() => number) | undefined
  if (survey !== undefined) {
    const { packets, durationNs } = survey
    if (packets > 1) roundNs = durationNs + Math.round(durationNs / (packets - 1))
    if (packetsPerSecond !== undefined) {
      const meanGapNs = 1e9 / packetsPerSecond
      if (durationNs > 0) scale *= (packets * meanGapNs) / durationNs
      else gapNs = clock === 'periodic' ? () => meanGapNs / speed : poissonGaps(meanGapNs / speed, random)
    }
  }

  const flows = new FlowTable()
  const first = await openCapture(path, flows)
  let reader: CaptureReader = first
  let round = 0
  let index = 0
  let baseSeconds: number | undefined
  let latestNs = 0
  let clockNs = 0
  let clampedPackets = 0
  const seconds = new Float64Array(CHUNK_PACKETS)
  const nanoseconds = new Int32Array(CHUNK_PACKETS)

  function arrivals(columns: PacketColumns, arrivalNs: Float64Array): void {
    baseSeconds ??= columns.seconds[0]!
    for (let i = 0; i < columns.count; i++) {
      const ns = (columns.seconds[i]! - baseSeconds) * 1e9 + columns.nanoseconds[i]! + round * roundNs
      if (ns < latestNs) clampedPackets++
      else latestNs = ns
      arrivalNs[i] = scale === 1 ? latestNs : Math.round(latestNs * scale)
    }
    checkLength(arrivalNs[columns.count - 1]!)
  }

  function clockArrivals(count: number, nextGapNs: () => number, arrivalNs: Float64Array): void {
    for (let i = 0; i < count; i++) {
      // The periodic clock starts at 0, the Poisson clock with its first gap.
      if (clock === 'poisson' || index + i > 0) clockNs += nextGapNs()
      arrivalNs[i] = Math.round(clockNs)
    }
    checkLength(clockNs)
  }

  function checkLength(ns: number): void {
    if (ns <= DURATION_NS_MAX) return
    const days = (length: number) => Math.floor(length / DAY_NS).toLocaleString('en-US')
    throw new UserError(
      `${path}: a packet arrives ${days(ns)} days after the first, a run can have ${days(DURATION_NS_MAX)} - ` +
        "mend the capture's times (editcap -t) or set source.speed",
    )
  }

  return {
    flows,
    get problems() {
      return survey?.problems ?? first.problems
    },
    get stats() {
      return survey?.stats ?? first.stats
    },
    get clampedPackets() {
      return clampedPackets
    },
    async fill(chunk: PacketChunk): Promise<void> {
      const { flow, sizeBytes, payloadBytes, tcpFlags } = chunk
      const columns: PacketColumns = {
        count: 0,
        seconds,
        nanoseconds,
        flow,
        sizeBytes,
        payloadBytes,
        tcpFlags,
      }
      while ((await reader.read(columns)) === 0 && round + 1 < loop) {
        await reader.close()
        reader = await openCapture(path, flows)
        round++
      }
      chunk.firstIndex = index
      chunk.count = columns.count
      if (columns.count > 0) {
        if (gapNs === undefined) arrivals(columns, chunk.arrivalNs)
        else clockArrivals(columns.count, gapNs, chunk.arrivalNs)
      }
      index += columns.count
    },
    async close() {
      await reader.close()
    },
  }
}

interface Survey {
  readonly packets: number
  /** From the first packet to the latest one, clamped as the source clamps. */
  readonly durationNs: number
  readonly stats: CaptureStats
  readonly problems: readonly string[]
}

/** A first pass over the capture. */
async function surveyOf(path: string): Promise<Survey> {
  const reader = await openCapture(path)
  try {
    const columns = packetColumns(CHUNK_PACKETS)
    let packets = 0
    let baseSeconds = 0
    let firstNs = 0
    let latestNs = 0
    while ((await reader.read(columns)) > 0) {
      if (packets === 0) {
        baseSeconds = columns.seconds[0]!
        firstNs = columns.nanoseconds[0]!
        latestNs = firstNs
      }
      for (let i = 0; i < columns.count; i++) {
        latestNs = Math.max(latestNs, (columns.seconds[i]! - baseSeconds) * 1e9 + columns.nanoseconds[i]!)
      }
      packets += columns.count
    }
    return { packets, durationNs: latestNs - firstNs, stats: reader.stats, problems: reader.problems }
  } finally {
    await reader.close()
  }
}

/** Exponential gaps of the given mean. */
function poissonGaps(meanNs: number, random: (() => number) | undefined): () => number {
  if (random === undefined) throw new Error('captureSource: the Poisson clock needs options.random')
  return () => -Math.log(1 - random()) * meanNs
}
