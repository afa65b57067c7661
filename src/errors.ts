/**
 * Errors that a user can cause and cure. Each is one line of the form *where - what - cure*; the command line
 * prints it without a stack trace and ends with its exit code. Everything else that is thrown is a defect of
 * ours.
 */

/** Exit code of the process: 1 the work failed, 2 the command or the scenario is wrong. */
export type FailureCode = 1 | 2

/** One or more mistakes of the user's. `lines` holds one complete message per mistake. */
export class UserError extends Error {
  readonly lines: readonly string[]
  readonly exitCode: FailureCode

  constructor(lines: string | readonly string[], exitCode: FailureCode = 1) {
    const all = typeof lines === 'string' ? [lines] : lines
    super(all.join('\n'))
    this.name = 'UserError'
    this.lines = all
    this.exitCode = exitCode
  }
}

/**
 * Any value as a message shows it, short and on one line: "1" in quotes, of structures only the kind,
 * [Promise].
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[Function${value.name === '' ? '' : `: ${oneLine(value.name)}`}]`
  if (typeof value === 'object' && value !== null) return `[${kindOf(value)}]`
  return Object.is(value, -0) ? '-0' : oneLine(String(value))
}

/** The name of what made it; a value may lie about that, or throw when it is asked. */
function kindOf(value: object): string {
  try {
    const { name } = value.constructor
    return typeof name === 'string' && name !== '' ? oneLine(name) : 'Object'
  } catch {
    return 'Object'
  }
}

/** What was thrown, on one line; not everything that is thrown is an Error. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return oneLine(thrown.message) || thrown.name
  return typeof thrown === 'string' ? oneLine(thrown) : shown(thrown)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** Number of single-character edits (insert, delete, replace, swap of neighbours) from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  const rows = a.length + 1
  const columns = b.length + 1
  const cost = Array.from({ length: rows }, (_, i) => new Array<number>(columns).fill(i))
  for (let j = 0; j < columns; j++) cost[0]![j] = j
  for (let i = 1; i < rows; i++) {
    for (let j = 1; j < columns; j++) {
      const differs = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(cost[i - 1]![j]! + 1, cost[i]![j - 1]! + 1, cost[i - 1]![j - 1]! + differs)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, cost[i - 2]![j - 2]! + 1)
      }
      cost[i]![j] = best
    }
  }
  return cost[rows - 1]![columns - 1]!
}

/** Nothing that a user may mean is longer. */
const WORD_CHARS_MAX = 100

/** The candidate most like `word`, or undefined when none is close enough to be a misspelling of it. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > WORD_CHARS_MAX) return undefined
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    // Two short words are close by accident: at least half of the letters must stay ("udp" isn't "tcp"
    // misspelt).
    if (distance < bestDistance && 2 * distance <= Math.max(word.length, candidate.length)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** ` - did you mean "x"?` or an empty string, ready to be appended to a message. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const match = closest(word, candidates)
  return match === undefined ? '' : ` - did you mean "${match}"?`
}
