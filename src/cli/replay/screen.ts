/**
 * What is seen while replays run. With -v a line per replay that finished; on a terminal a few lines that are
 * written over: which replay, how many of its packets are sent, where they are, and what is left. Read by the
 * main thread, which has nothing else to do then, from counters that the threads keep anyway.
 */

import type { ReplayState } from '../../live/replay-request.ts'
import { type ReplayProgress, TRIES } from '../../live/replays.ts'
import type { ReplayRow } from '../../live/verdict/live-report.ts'
import { numberOf } from '../../metrics/metric.ts'
import { replayLine } from '../../report/live/live-text.ts'
import { shareText } from '../../report/parts/amounts.ts'
import { grouped } from '../../units.ts'
import { type ProcessIo, remark } from '../shared/process-io.ts'
import { barText, liveView } from '../shared/screen/live-view.ts'
import { clockMs, timeText } from '../shared/screen/progress.ts'
import type { ReplayOptions } from './options.ts'

const BAR_WIDTH = 30
/** Of more lanes the fullest are shown. */
const LANES_SHOWN = 8
/** A lane's bar is full with so many packets, or with as many as the fullest ever had. */
const BAR_PACKETS = 10

export interface ReplayScreen {
  look(label: string, replay: number, look: () => ReplayState): void
  finished(label: string, row: ReplayRow, progress: ReplayProgress): void
  end(): void
}

/**
 * @param wanted valid replays, of all contenders together
 * @param plannedNs how long each will take; undefined where nobody knows
 * @param now for tests: ms
 */
export function replayScreen(
  { stderr, env }: ProcessIo,
  { quiet, verbose }: Pick<ReplayOptions, 'quiet' | 'verbose'>,
  wanted: number,
  plannedNs: number | undefined,
  now: () => number = clockMs,
): ReplayScreen {
  const view = liveView(stderr, { env, isWanted: !quiet, now })
  const beganMs = now()
  let done: ReplayProgress = { number: 0, valid: 0, wanted }
  let last = ''
  let under = ''
  let sinceMs = 0
  let fullest = BAR_PACKETS
  /** Of one replay: as planned, else the mean of those that have finished. */
  let oneMs = plannedNs === undefined ? undefined : plannedNs / 1e6

  /**
   * What is left if all that follow are valid, or as many as are tried at most; nothing while the length of
   * one isn't known.
   * @param underMs since the one that is under way began
   */
  function leftText(underMs: number): string {
    if (oneMs === undefined) return ''
    const replays = Math.min(wanted - done.valid, wanted * TRIES - done.number)
    const leftMs = oneMs * replays - Math.min(underMs, oneMs)
    return `, about ${timeText(Math.max(0, leftMs) / 1000)} to go`
  }

  function linesOf(label: string, replay: number, state: ReplayState): string[] {
    const { packets, sent, delivered, dropped, atLane } = state
    const underMs = now() - sinceMs
    const rate = sent > 0 && underMs > 0 ? `, ${grouped(Math.round((sent / underMs) * 1000))}/s` : ''
    fullest = Math.max(fullest, ...atLane)
    const lanes = [...atLane.keys()]
    if (lanes.length > LANES_SHOWN) lanes.sort((a, b) => atLane[b]! - atLane[a]!)
    return [
      `replay ${done.number + 1}, ${done.valid} valid of ${wanted} wanted${leftText(underMs)}`,
      `${label}, replay ${replay}: ${grouped(sent)} of ${grouped(packets)} packets sent${rate}`,
      `${barText(sent / packets, BAR_WIDTH)} ${grouped(delivered)} delivered, ${grouped(dropped)} dropped`,
      ...lanes
        .slice(0, LANES_SHOWN)
        .map((lane) => `lane ${lane} ${barText(atLane[lane]! / fullest, BAR_WIDTH)} ${atLane[lane]}`),
      ...(lanes.length > LANES_SHOWN ? [`${lanes.length - LANES_SHOWN} more lanes have no more`] : []),
      ...(last === '' ? [] : [last]),
    ]
  }

  return {
    look(label, replay, look) {
      if (!view.isLive) return
      if (under !== `${label} ${replay}`) {
        under = `${label} ${replay}`
        sinceMs = now()
      }
      view.show(() => linesOf(label, replay, look()))
    },
    finished(label, row, progress) {
      done = progress
      if (plannedNs === undefined) oneMs = (now() - beganMs) / done.number
      last = lastText(label, row)
      const { number, valid } = progress
      const text = `${valid} valid of ${wanted} wanted`
      if (verbose) {
        view.above(() => remark(`${label}, ${replayLine(row)} (${ordinal(number)} of all, ${text})`, stderr))
      }
      view.show(() => [`replay ${number}, ${text}${leftText(0)}`, last], true)
    },
    end: () => view.end(),
  }
}

function lastText(label: string, { replay, metrics, counts, invalid }: ReplayRow): string {
  const reordered = shareText(numberOf(metrics.reorderedRatio ?? null))
  const { delivered, notSent, inFlight, packets } = counts
  const lost = packets - delivered - notSent - inFlight
  const doubt = invalid.length > 0 ? ', disturbed' : ''
  return `last: ${label}, replay ${replay}: ${reordered} reordered, ${grouped(lost)} dropped${doubt}`
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st */
function ordinal(number: number): string {
  const isTeen = Math.floor(number / 10) % 10 === 1
  const ending = isTeen ? undefined : ['st', 'nd', 'rd'][(number % 10) - 1]
  return `${number}${ending ?? 'th'}`
}
