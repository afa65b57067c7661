/**
 * Values typed on the command line, behind --set path=value and -p name:key=value. They follow YAML's core
 * rules for scalars (2 is a number, true a boolean, 5s text, "2" in quotes text) and may be lists or maps in
 * brackets. Everything that YAML would read as something else - a comment, a block map, an alias - is taken
 * as plain text.
 */
import { type Document, isScalar } from 'yaml'
import { boundedDocument, TooMuch } from './bounded-yaml.ts'

/** What was typed, or what is wrong with it. */
export type ReadValue =
  | { readonly value: unknown; readonly problem?: undefined }
  | { readonly problem: string }

export function readValue(text: string): ReadValue {
  const trimmed = text.trim()
  let document: Document.Parsed
  try {
    document = boundedDocument(trimmed, false)
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error
    return { problem: error.message }
  }
  const sound = document.errors.length === 0 && document.warnings.length === 0
  if (/^[[{]/.test(trimmed)) {
    if (!sound) return { problem: `${trimmed} is not a list or map - close every bracket and quote` }
    try {
      return { value: document.toJS({ maxAliasCount: 0 }) }
    } catch {
      return { problem: `${trimmed} is not a list or map - aliases have no meaning here` }
    }
  }
  const node = document.contents
  const plain =
    sound &&
    isScalar(node) &&
    !node.anchor &&
    !node.tag &&
    !node.comment &&
    !document.comment &&
    !node.commentBefore
  return { value: plain && trimmed !== '' ? node.value : trimmed }
}

/**
 * The text that {@link readValue} reads back as `value`, without a comma or bracket that would divide a list.
 */
export function writeValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeValue).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${writeValue(key)}: ${writeValue(inner)}`)
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
  }
  if (typeof value !== 'string') return String(value)
  const read = readValue(value)
  const same = read.problem === undefined && read.value === value
  return same && /^[\w./]([\w./:+%µ-]*[\w./%-])?$/.test(value) ? value : JSON.stringify(value)
}

/** Divides at commas that are outside brackets and quotes: `a=[1,2],b=3` into `a=[1,2]` and `b=3`. */
export function flowItems(text: string): string[] {
  const items: string[] = []
  let depth = 0
  let quote = ''
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!
    if (quote !== '') {
      if (char === '\\' && quote === '"') i++
      else if (char === quote) quote = ''
    } else if ((char === '"' || char === "'") && /[=,[{:\s]/.test(text[i - 1] ?? ',')) quote = char
    else if ('[{'.includes(char)) depth++
    else if (']}'.includes(char)) depth--
    else if (char === ',' && depth <= 0) {
      items.push(text.slice(start, i))
      start = i + 1
    }
  }
  items.push(text.slice(start))
  return items
}
