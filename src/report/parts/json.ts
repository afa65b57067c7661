/**
 * JSON for people and for diffs: indented, but whatever fits a line is on one line, such as a metric's
 * estimate. What can't be seen in a string is written as \uXXXX, so that no terminal obeys it.
 */
import { visibleJson } from '../../visible.ts'

const LINE_CHARACTERS_MAX = 160

/**
 * Like JSON.stringify with an indentation of 2, and a line feed at the end. Numbers that aren't finite become
 * null.
 */
export function jsonText(value: unknown): string {
  return `${write(value, '')}\n`
}

/** The fields of an object at the top, as {@link jsonText} writes them where they don't fit a line. */
export function jsonFields(fields: object): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${quoted(key)}: ${write(value, '  ')}`)
    .join(',\n')
}

/** An item of a list that is such a field. */
export function jsonItem(value: unknown): string {
  return `    ${write(value, '    ')}`
}

function quoted(text: string): string {
  return visibleJson(JSON.stringify(text))
}

function write(value: unknown, indent: string): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const isList = Array.isArray(value)
  const entries = isList
    ? value.map((inner: unknown) => ['', inner] as const)
    : Object.entries(value).filter(([, inner]) => inner !== undefined)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (entries.length === 0) return `${open}${close}`
  const deeper = `${indent}  `
  const items = entries.map(([key, inner]) => {
    const text = write(inner, deeper)
    return isList ? text : `${quoted(key)}: ${text}`
  })
  const line = items.join(', ')
  if (line.length <= LINE_CHARACTERS_MAX && !line.includes('\n')) {
    return isList ? `[${line}]` : `{ ${line} }`
  }
  return `${open}\n${items.map((item) => `${deeper}${item}`).join(',\n')}\n${indent}${close}`
}
