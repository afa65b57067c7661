/**
 * A few lines at the bottom of a terminal that are written over in place while something long runs: at most
 * five times a second, cut to the terminal's width so that none wraps, without colour, and gone when it is
 * over. Only for terminals that can: without one nothing is written, and callers say what they say there.
 */
import { visible } from '../../../visible.ts'
import type { Output, ProcessIo } from '../process-io.ts'
import { clockMs } from './progress.ts'

const FRAME_MS = 200
const BAR_FULL = '█'
const BAR_EMPTY = '░'
const COLUMNS_USUAL = 80

export interface LiveView {
  /** False: nothing is ever shown. */
  readonly isLive: boolean
  /**
   * Shows these lines in place of the last ones, unless that was just now; made only when they are shown.
   * @param isRare it happens seldom enough to be shown in any case
   */
  show(lines: () => readonly string[], isRare?: boolean): void
  /** Takes the lines away while something else is written, and puts them back below it. */
  above(write: () => void): void
  /** Takes the lines away, for good. */
  end(): void
}

export interface LiveViewOptions {
  readonly env: ProcessIo['env']
  /** By the user: not with -q. */
  readonly isWanted: boolean
  /** Nothing is shown before so much time has passed, ms; default 0. */
  readonly patienceMs?: number
  /** For tests: ms. */
  readonly now?: () => number
}

export function liveView(output: Output, options: LiveViewOptions): LiveView {
  const stderr = output.raw ?? output
  const { env, isWanted, patienceMs = 0, now = clockMs } = options
  const isLive = isWanted && stderr.isTTY === true && !env.CI && env.TERM !== 'dumb'
  let isOver = false
  let shown = 0
  let frame = ''
  let nextMs = isLive ? now() + patienceMs : Number.POSITIVE_INFINITY

  function clear(): void {
    if (shown > 0) stderr.write(`${toFirst(shown)}\u001b[J`)
    shown = 0
  }

  return {
    isLive,
    show(lines, isRare = false) {
      if (isOver || !isLive) return
      const timeMs = now()
      if (timeMs < nextMs && !isRare) return
      nextMs = timeMs + FRAME_MS
      const columns = (stderr.columns || COLUMNS_USUAL) - 1
      const text = lines().map((line) => `${cut(visible(line), columns)}\u001b[K`)
      frame = `${text.join('\n')}\u001b[J`
      stderr.write(`${shown > 0 ? toFirst(shown) : ''}${frame}`)
      shown = text.length
    },
    above(write) {
      const lines = shown
      clear()
      write()
      if (lines > 0) stderr.write(frame)
      shown = lines
    },
    end() {
      isOver = true
      clear()
    },
  }
}

/** To the beginning of the first of so many lines, from the last one. */
function toFirst(lines: number): string {
  return lines > 1 ? `\r\u001b[${lines - 1}A` : '\r'
}

function cut(line: string, columns: number): string {
  const characters = [...line]
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join('')}…`
}

/** @param share from 0 to 1 @param width in characters */
export function barText(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return BAR_FULL.repeat(full) + BAR_EMPTY.repeat(width - full)
}
