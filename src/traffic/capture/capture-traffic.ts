/**
 * A capture as traffic: its IP packets in file order, at their own times. Time zero of the run is the whole
 * second at or before the first packet, so that whole-second clocks tick as they did in the capture;
 * durations and warm-ups count from the first packet (`firstNs`). A packet earlier than one before it
 * arrives together with that one (`clampedPackets`), unless `sort` puts them in order. Time may be
 * rescaled, repeated, or, where all packets share one time, replaced by a Poisson or periodic clock.
 */

import { UserError } from '../../errors.ts'
import { CHUNK_PACKETS, type PacketChunk } from '../../model/packets/chunk.ts'
import { headerColumns, pick } from '../../model/packets/columns.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import type { Traffic } from '../../model/packets/traffic.ts'
import { log } from '../../sim/elementary.ts'
import { DURATION_NS_MAX, grouped } from '../../units.ts'
import { type Schedule, ScheduledTraffic } from '../scheduled.ts'
import { ArrivalClock } from './arrival-clock.ts'
import { type CaptureFile, type CapturePaths, listed, type OpenBytes, wholeName } from './capture-files.ts'
import { type PacketColumns, packetColumns } from './columns.ts'
import { joinedCapture } from './joined-reader.ts'
import { timeProblems } from './messages.ts'
import type { PacketReader } from './packet-reader.ts'
import { SortedReader } from './sorted-reader.ts'
import type { CaptureStats } from './stats.ts'

const DAY_NS = 86_400e9
const SORT_CURE = 'put them in order: --set source.sort=true'

export interface CaptureTrafficOptions {
  readonly openBytes: OpenBytes
  /** Several files are one capture, see joined-reader.ts. */
  readonly path: CapturePaths
  /** Stands for the path in what is thrown, or each for its path. */
  readonly name?: CapturePaths
  /**
   * Stands for it in `problems`, which are part of results and so mustn't depend on where they are computed.
   */
  readonly asWritten?: CapturePaths
  /** Packets go in order of time, within a window of 65,536; default false: in file order. */
  readonly sort?: boolean
  /** Time runs this many times faster; default 1. */
  readonly speed?: number
  /**
   * How often the capture is played, default 1; a round starts one mean gap after the last packet of the one
   * before.
   */
  readonly loop?: number
  /** Rescales time so that (packets - 1) / (last - first arrival) is this; before `speed`. */
  readonly packetsPerSecond?: number
  /** What `packetsPerSecond` does to a capture whose packets all share one time; default poisson. */
  readonly clock?: 'poisson' | 'periodic'
  /** Uniform in [0, 1); needed for the Poisson clock. */
  readonly random?: () => number
}

export interface CaptureTraffic extends Traffic {
  /** One line each about what was left out of the capture; complete once the source has ended. */
  readonly problems: readonly string[]
  /**
   * What the capture holds: all of it after a first pass (`loop`, `packetsPerSecond`), else what was read so
   * far.
   */
  readonly stats: CaptureStats
  /** Packets so far that were earlier than one before them, over all rounds. */
  readonly clampedPackets: number
}

/** Opens a capture as traffic. Throws a UserError for a file that can't be used. */
export async function captureTraffic(options: CaptureTrafficOptions): Promise<CaptureTraffic> {
  const {
    openBytes,
    path,
    name: names = path,
    asWritten = names,
    sort = false,
    speed = 1,
    loop = 1,
  } = options
  const { packetsPerSecond, clock = 'poisson', random } = options
  const name = wholeName(names)
  const files = filesOf(path, names)
  const writtenFiles = filesOf(names, asWritten)
  const open = async (flows: FlowTable): Promise<PacketReader> => {
    const reader = await joinedCapture(files, flows, openBytes)
    return sort ? new SortedReader(reader) : reader
  }
  const survey = loop > 1 || packetsPerSecond !== undefined ? await surveyOf(open) : undefined
  let scale = 1 / speed
  let roundNs = 0
  let gapNs: (() => number) | undefined
  if (survey !== undefined) {
    const { packets, spanNs } = survey.times
    if (packets > 1) roundNs = spanNs + Math.round(spanNs / (packets - 1))
    if (packetsPerSecond !== undefined) {
      const meanGapNs = 1e9 / packetsPerSecond
      if (spanNs > 0) scale *= ((packets - 1) * meanGapNs) / spanNs
      else gapNs = clock === 'periodic' ? () => meanGapNs / speed : poissonGaps(meanGapNs / speed, random)
    }
  }

  const flows = new FlowTable()
  const first = await open(flows)
  const firstTimes = new ArrivalClock()
  let reader = first
  let times = firstTimes
  let round = 0
  let index = 0
  let clockNs = 0
  let clampedBefore = 0
  const seconds = new Float64Array(CHUNK_PACKETS)
  const nanoseconds = new Int32Array(CHUNK_PACKETS)

  function arrivals(count: number, arrivalNs: Float64Array): void {
    const offsetNs = round * roundNs
    if (offsetNs > 0 || scale !== 1) {
      for (let i = 0; i < count; i++) {
        const ns = arrivalNs[i]! + offsetNs
        arrivalNs[i] = scale === 1 ? ns : Math.round(ns * scale)
      }
    }
    checkLength(arrivalNs[count - 1]!)
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
    const days = (length: number) => grouped(Math.floor(length / DAY_NS))
    throw new UserError(
      `${name}: a packet arrives ${days(ns)} days after the first, a run can have ${days(DURATION_NS_MAX)} - ` +
        "fix the capture's times (editcap -t) or set source.speed",
    )
  }

  const schedule: Schedule = {
    flows,
    async read(chunk: PacketChunk): Promise<void> {
      const columns: PacketColumns = { count: 0, seconds, nanoseconds, ...pick(headerColumns, chunk) }
      while ((await reader.read(columns)) === 0 && round + 1 < loop) {
        await reader.close()
        reader = await open(flows)
        clampedBefore += times.clampedPackets
        times = new ArrivalClock()
        round++
      }
      chunk.count = columns.count
      times.read(columns, chunk.arrivalNs)
      if (columns.count > 0) {
        if (gapNs === undefined) arrivals(columns.count, chunk.arrivalNs)
        else clockArrivals(columns.count, gapNs, chunk.arrivalNs)
      }
      index += columns.count
    },
    async close() {
      await reader.close()
    },
  }
  const traffic = new PlayedCapture(schedule, {
    get problems() {
      const ofFile = (survey ?? first).problems.map((problem) => {
        const file = writtenFiles.find(({ path }) => problem.startsWith(`${path}: `))
        return file === undefined ? problem : file.name + problem.slice(file.path.length)
      })
      // Times that a clock replaces are no problem.
      if (gapNs !== undefined) return ofFile
      const judged = survey?.times ?? firstTimes
      return [...ofFile, ...timeProblems(wholeName(asWritten), judged, sort, SORT_CURE)]
    },
    get stats() {
      return survey?.stats ?? first.stats
    },
    get clampedPackets() {
      return clampedBefore + times.clampedPackets
    },
  })
  try {
    await traffic.start()
  } catch (error) {
    await traffic.close()
    throw error
  }
  return traffic
}

/** Each path with its name. */
function filesOf(paths: CapturePaths, names: CapturePaths): CaptureFile[] {
  const all = listed(names)
  return listed(paths).map((path, i) => ({ path, name: all[i]! }))
}

/** What is known of a capture that is being played. */
type CaptureFacts = Pick<CaptureTraffic, 'problems' | 'stats' | 'clampedPackets'>

class PlayedCapture extends ScheduledTraffic implements CaptureTraffic {
  private readonly facts: CaptureFacts

  constructor(schedule: Schedule, facts: CaptureFacts) {
    super(schedule)
    this.facts = facts
  }

  get problems(): readonly string[] {
    return this.facts.problems
  }
  get stats(): CaptureStats {
    return this.facts.stats
  }
  get clampedPackets(): number {
    return this.facts.clampedPackets
  }
}

interface Survey {
  readonly times: ArrivalClock
  readonly stats: CaptureStats
  readonly problems: readonly string[]
}

/** A first pass over the capture. */
async function surveyOf(open: (flows: FlowTable) => Promise<PacketReader>): Promise<Survey> {
  const reader = await open(new FlowTable())
  try {
    const columns = packetColumns(CHUNK_PACKETS)
    const arrivalNs = new Float64Array(CHUNK_PACKETS)
    const times = new ArrivalClock()
    while ((await reader.read(columns)) > 0) times.read(columns, arrivalNs)
    return { times, stats: reader.stats, problems: reader.problems }
  } finally {
    await reader.close()
  }
}

/** Exponential gaps of the given mean. */
function poissonGaps(meanNs: number, random: (() => number) | undefined): () => number {
  if (random === undefined) throw new Error('captureTraffic: the Poisson clock needs options.random')
  return () => -log(1 - random()) * meanNs
}
