/**
 * Text that isn't ours - titles, names of files, flows and policies, what a policy throws - made safe to
 * show: control characters (which move the cursor, colour, set a terminal's title), those that turn the
 * direction of writing, and those that can't be seen are written as escapes, such as \x1b or \u202e. Unicode
 * calls them Cc, Cf, Zl and Zp; half a surrogate pair (Cs), U+FFFE and U+FFFF are no characters at all.
 */

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu
const HIDDEN_IN_LINES = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line in which nothing is hidden, line feeds included. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escapeOf)
}

/** The same for whole lines: their ends stay. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN_IN_LINES, escapeOf)
}

/**
 * The same data with nothing hidden in any of its strings and keys, to be laid out as text; itself where
 * nothing is. A text of several lines, as YAML has them, becomes one.
 */
export function visibleIn<T>(value: T): T {
  return visibleValue(value) as T
}

/** JSON with nothing hidden in its strings: another way to write the same values. */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN_IN_LINES, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(''),
  )
}

function visibleValue(value: unknown): unknown {
  if (typeof value === 'string') return visible(inOneLine(value))
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const shown = value.map(visibleValue)
    return shown.some((inner, i) => inner !== value[i]) ? shown : value
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const entries = Object.entries(value)
  const shown = entries.map(([key, inner]) => [visible(key), visibleValue(inner)] as const)
  const isSame = shown.every(([key, inner], i) => key === entries[i]![0] && inner === entries[i]![1])
  return isSame ? value : Object.fromEntries(shown)
}

function inOneLine(text: string): string {
  return /[\n\t]/.test(text) ? text.replace(/ *[\n\t][\n\t ]*/g, ' ').trim() : text
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!
  if (code > 0xffff) return `\\u{${hex(code, 4)}}`
  return NAMED[character] ?? (code > 0xff ? `\\u${hex(code, 4)}` : `\\x${hex(code, 2)}`)
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
