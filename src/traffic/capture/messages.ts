/**
 * What the capture reader says about files it can't read, or not wholly: one line each, *where - what -
 * cure*.
 */
import { formatDurationNs, grouped } from '../../units.ts'
import type { ByteStream } from './byte-stream.ts'
import { AnotherCapture, type Damage } from './frame.ts'
import { linkTypeName } from './link-names.ts'
import { SORT_WINDOW_PACKETS } from './sorted-reader.ts'
import type { CaptureStats } from './stats.ts'

function frames(count: number): string {
  return count === 1 ? '1 frame' : `${grouped(count)} frames`
}

/** "byte 1234", with a note where that counts decompressed bytes. */
function place(stream: ByteStream, offset: number): string {
  return stream.isUnzipped ? `byte ${offset} of the decompressed data` : `byte ${offset}`
}

/** Why reading stopped at the window's start: damage, or the end of the file within a record. */
export function stopReason(stream: ByteStream, damage: Damage | undefined): string {
  const offset = stream.offsetOf(stream.start)
  if (damage instanceof AnotherCapture)
    return `two captures were joined, the second begins at ${place(stream, offset)}: join them with mergecap`
  if (damage !== undefined) return `damaged at ${place(stream, offset)}: ${damage.message}`
  const reason = stream.failure ?? 'the file ends within it'
  if (offset > stream.endOffset) return `cut off at ${place(stream, stream.endOffset)}: ${reason}`
  return `cut off at ${place(stream, offset)}, in the last record: ${reason}`
}

/** The warning about a file that was read up to `reason`. */
export function stoppedEarly(path: string, reason: string, stats: CaptureStats): string {
  const kept =
    stats.frames === 1 ? 'the frame before it is used' : `the ${frames(stats.frames)} before it are used`
  return `${path}: ${reason} - ${kept}`
}

/** The warning about frames of link types that aren't read, in a capture that has usable packets as well. */
export function unreadLinks(path: string, stats: CaptureStats): string {
  const some = `${grouped(stats.unreadFrames)} of ${frames(stats.frames)}`
  return `${path}: ${some} are ${unreadNames(stats)}, which lanewise does not read - they are left out`
}

/** What {@link timeProblems} judges: an ArrivalClock that has seen the whole capture. */
interface Times {
  readonly packets: number
  readonly clampedPackets: number
  readonly backwardNsMax: number
  readonly spanNs: number
}

/**
 * The warnings about times that can't be played as they are.
 * @param isSorted the packets went through a SortedReader
 * @param sortCure how to have them sorted, where they weren't
 */
export function timeProblems(name: string, times: Times, isSorted: boolean, sortCure: string): string[] {
  const { packets, clampedPackets, backwardNsMax, spanNs } = times
  if (packets > 1 && spanNs === 0) {
    const same = clampedPackets === 0 ? 'have the same time' : 'are no later than the first one'
    const cure = 'give them a clock: --set source.packetsPerSecond=10000'
    return [`${name}: all ${grouped(packets)} packets ${same}, as if they arrived at once - ${cure}`]
  }
  if (clampedPackets === 0) return []
  const some = clampedPackets === 1 ? '1 packet is' : `${grouped(clampedPackets)} packets are`
  const what = `${some} earlier than one before, by up to ${formatDurationNs(backwardNsMax)}`
  const they = clampedPackets === 1 ? 'it counts' : 'they count'
  const cure = isSorted
    ? `more than ${grouped(SORT_WINDOW_PACKETS)} packets late, sort the whole file: reordercap`
    : sortCure
  return [`${name}: ${what}; ${they} as arriving together with that one - ${cure}`]
}

/** Why a capture without a single usable packet is refused. */
export function nothingUsable(path: string, stats: CaptureStats, stop: string | undefined): string {
  const before = stop === undefined ? '' : `${stop}; `
  if (stats.frames === 0) {
    return stop === undefined
      ? `${path}: the capture holds no packets - record it again, with a wider filter or for longer`
      : `${path}: ${stop} - no packet comes before it; copy or record the file again`
  }
  const cure = 'capture on an Ethernet, tun or "any" interface'
  if (stats.unreadFrames === stats.frames) {
    const all = stats.frames === 1 ? 'the only frame is' : `all ${frames(stats.frames)} are`
    return `${path}: ${before}${all} ${unreadNames(stats)}, which lanewise does not read - ${cure}`
  }
  const parts = [
    [stats.framesWithoutIp, 'without IP'],
    [stats.brokenIpFrames, 'with a cut or damaged IP header'],
    [stats.unreadFrames, `of ${unreadNames(stats)}`],
  ] as const
  const why = parts.flatMap(([count, what]) => (count > 0 ? [`${grouped(count)} ${what}`] : [])).join(', ')
  return `${path}: ${before}no usable IP packet in ${frames(stats.frames)} (${why}) - ${cure}`
}

/** The link types that aren't read, at most three by name. */
function unreadNames(stats: CaptureStats): string {
  const unread = [...stats.unreadLinks].sort((a, b) => a - b)
  const names = unread.slice(0, 3).map(linkTypeName)
  return unread.length > 3 ? `${names.join(', ')} or ${unread.length - 3} others` : names.join(' or ')
}
