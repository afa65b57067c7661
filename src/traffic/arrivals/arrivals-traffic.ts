/**
 * What an arrivals CSV says was sent, as traffic: its packets in order of sending, lost ones among them, at
 * their own times or rescaled. Time zero of the run is the first packet.
 */
import { UserError } from '../../errors.ts'
import { CHUNK_PACKETS, type PacketChunk } from '../../model/packets/chunk.ts'
import type { Traffic } from '../../model/packets/traffic.ts'
import { DURATION_NS_MAX } from '../../units.ts'
import { type CapturePaths, listed, type OpenBytes } from '../capture/capture-files.ts'
import { type Schedule, ScheduledTraffic } from '../scheduled.ts'
import { fillHeaders } from './arrivals-reader.ts'
import { lostNames } from './first-look.ts'
import { readSent, type SentFile } from './sent-rows.ts'

export interface ArrivalsTrafficOptions {
  readonly openBytes: OpenBytes
  /** The file, and the file of lost packets beside it where there is one. */
  readonly path: CapturePaths
  /** Stands for the first path in what is thrown and in `problems`. */
  readonly name: string
  /** Time runs this many times faster; default 1. */
  readonly speed?: number
  /** Rescales time so that (packets - 1) / (last - first) is this; before `speed`. */
  readonly packetsPerSecond?: number
}

/** Opens the file as traffic. Throws a UserError where it can't be used. */
export async function arrivalsTraffic(options: ArrivalsTrafficOptions): Promise<Traffic> {
  const { openBytes, path, name } = options
  const sent = await readSentFile(path, name, openBytes)
  const scale = scaleOf(sent, options)
  const { run, flows } = sent
  let at = 0
  const traffic = new SentTraffic(
    {
      flows,
      async read(chunk: PacketChunk): Promise<void> {
        const to = Math.min(run.count, at + CHUNK_PACKETS)
        fill(chunk, sent, at, to, scale)
        chunk.count = to - at
        at = to
      },
      async close() {},
    },
    sent.problems,
  )
  await traffic.start()
  return traffic
}

/** The file with the lost packets beside it. */
export async function readSentFile(
  paths: CapturePaths,
  name: string,
  openBytes: OpenBytes,
): Promise<SentFile> {
  const [path, lostPath] = listed(paths)
  const arrived = { name, stream: await openBytes(path!, name) }
  try {
    if (lostPath === undefined) return await readSent(arrived)
    const lostName = lostNames(name)[0]!
    const lost = { name: lostName, stream: await openBytes(lostPath, lostName) }
    try {
      return await readSent(arrived, lost)
    } finally {
      await lost.stream.close()
    }
  } finally {
    await arrived.stream.close()
  }
}

class SentTraffic extends ScheduledTraffic {
  readonly problems: readonly string[]

  constructor(schedule: Schedule, problems: readonly string[]) {
    super(schedule)
    this.problems = problems
  }
}

function fill(chunk: PacketChunk, sent: SentFile, from: number, to: number, scale: number): void {
  const { sentNs } = sent.run
  fillHeaders(chunk, sent, from, to)
  for (let row = from; row < to; row++)
    chunk.arrivalNs[row - from] = scale === 1 ? sentNs[row]! : Math.round(sentNs[row]! * scale)
}

/** What times are multiplied by. */
function scaleOf({ run }: SentFile, { name, speed = 1, packetsPerSecond }: ArrivalsTrafficOptions): number {
  const spanNs = run.sentNs[run.count - 1]!
  if (packetsPerSecond !== undefined && spanNs === 0)
    throw new UserError(`${name}: its packets span no time - leave out source.packetsPerSecond`)
  const rescaled = packetsPerSecond === undefined ? 1 : ((run.count - 1) * 1e9) / packetsPerSecond / spanNs
  const scale = rescaled / speed
  if (spanNs * scale > DURATION_NS_MAX)
    throw new UserError(`${name}: is longer than a run can be - fix its times or set source.speed`)
  return scale
}
