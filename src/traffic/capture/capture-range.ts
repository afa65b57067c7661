/**
 * When a file of a capture begins and ends, and on which links: whether several files are one capture, by
 * their records' headers alone. They are one where link types and snap lengths are equal, their times don't
 * overlap and no long gap is between them, as in a ring that tcpdump -C or dumpcap -b has written.
 */
import { grouped } from '../../units.ts'
import type { CaptureFile, OpenBytes } from './capture-files.ts'
import { recordReader } from './file-format.ts'
import { Damage, type FrameSink, LINK_TYPE_UNIT, NO_TIME } from './frame.ts'
import { linkTypeName } from './link-names.ts'
import { CaptureStats, type CaptureTime, compareTimes } from './stats.ts'

/** From the end of one file to the begin of the next; files further apart aren't one recording cut up. */
const GAP_MAX_SECONDS = 60

export interface CaptureRange {
  /** As in a {@link RecordReader}: of all links that are described up to there. */
  readonly links: ReadonlySet<number>
  /** Only frames and their times are counted. */
  readonly stats: CaptureStats
}

/**
 * Reads frames until there are enough of them, or up to a damaged place. Throws a UserError where the file is
 * no capture.
 */
export async function readRange(
  { path, name }: CaptureFile,
  openBytes: OpenBytes,
  isEnough: (stats: CaptureStats) => boolean,
  onPiece: () => void = () => {},
): Promise<CaptureRange> {
  const stats = new CaptureStats()
  const sink: FrameSink = {
    get isFull() {
      return isEnough(stats)
    },
    frame(_view, _start, _captured, _original, _linkType, seconds, nanoseconds) {
      stats.frames++
      if (seconds !== NO_TIME) stats.addTime(seconds, nanoseconds)
    },
  }
  const stream = await openBytes(path, name)
  try {
    const records = await recordReader(stream, name)
    const parse = () => {
      try {
        return records.parse(stream, sink)
      } catch (error) {
        if (!(error instanceof Damage)) throw error
        return 0
      }
    }
    for (let needed = parse(); needed > 0 && (await stream.ensure(needed)); needed = parse()) onPiece()
    return { links: records.links, stats }
  } finally {
    await stream.close()
  }
}

/**
 * Why the files aren't one capture; undefined where they are. A file without a frame fits everywhere. Throws
 * a UserError where one of them is no capture.
 * @param onPiece called after every piece of a file; what it throws ends the reading
 */
export async function whyApart(
  files: readonly CaptureFile[],
  openBytes: OpenBytes,
  onPiece?: () => void,
): Promise<string | undefined> {
  const begun = []
  for (const file of files)
    begun.push({ file, ...(await readRange(file, openBytes, ({ frames }) => frames > 0)) })
  const [head, ...others] = begun
  for (const other of others) {
    const [one, another] = [linksText(head!.links), linksText(other.links)]
    if (one !== another) return `${head!.file.name} is of ${one}, ${other.file.name} of ${another}`
  }
  const filled = begun.filter(({ stats }) => stats.frames > 0)
  const untimed = filled.find(({ stats }) => stats.timedFrames === 0)
  if (untimed !== undefined) return `${untimed.file.name} has no times`
  filled.sort((a, b) => compareTimes(a.stats.first!, b.stats.first!))
  let before: { name: string; stats: CaptureStats } | undefined
  for (const { file } of filled) {
    const overlaps = ({ earliest }: CaptureStats) =>
      before !== undefined &&
      earliest !== undefined &&
      (compareTimes(earliest, before.stats.latest!) < 0 ||
        compareTimes(earliest, before.stats.earliest!) === 0)
    const { stats } = await readRange(file, openBytes, overlaps, onPiece)
    if (overlaps(stats)) return `${before!.name} and ${file.name} overlap in time`
    if (before !== undefined && isLongAfter(stats.earliest!, before.stats.latest!))
      return `between ${before.name} and ${file.name} is a gap of more than ${GAP_MAX_SECONDS} s`
    before = { name: file.name, stats }
  }
  return undefined
}

function isLongAfter(time: CaptureTime, { seconds, nanoseconds }: CaptureTime): boolean {
  return compareTimes(time, { seconds: seconds + GAP_MAX_SECONDS, nanoseconds }) > 0
}

function linksText(links: CaptureRange['links']): string {
  return [...links]
    .sort((a, b) => a - b)
    .map(
      (key) =>
        `${linkTypeName(Math.floor(key / LINK_TYPE_UNIT))} with snap length ${grouped(key % LINK_TYPE_UNIT)}`,
    )
    .join(', ')
}
