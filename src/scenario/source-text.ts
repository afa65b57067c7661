/**
 * A scenario's text as a plain tree that remembers where everything stood. YAML by the yaml library, JSON
 * being a part of it; syntax errors come back as mistakes with line and column, and so do the positions that
 * later checks ask for by path. Lines and columns count from 1, as editors do.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type YAMLError } from 'yaml'
import { aliasesOfNothing, boundedDocument, TooMuch } from './bounded-yaml.ts'
import type { Path } from './mistakes.ts'

interface Position {
  readonly line: number
  readonly column: number
}

/**
 * Where a path stands. `depth`: how many of its steps exist in the text; the position is of the last one that
 * does.
 */
interface Place extends Position {
  readonly depth: number
}

export interface SourceText {
  /** Plain objects, arrays and scalars; undefined when the syntax is broken. */
  readonly tree: unknown
  readonly problems: readonly (Position & { readonly reason: string })[]
  /** Why nothing was made of the text: it has more of something than any scenario. */
  readonly tooMuch?: Position & { readonly reason: string }
  /** The keys at the top, also of broken syntax as far as it can be made out. */
  readonly keys: readonly string[]
  /** The value's position, or its key's: on request, and where the value is empty or isn't there. */
  place(path: Path, atKey?: boolean): Place
}

const SYNTAX_PROBLEMS_MAX = 10

export function readSourceText(text: string): SourceText {
  const lines = new LineCounter()
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  let document: Document.Parsed
  try {
    document = boundedDocument(text, true, lines)
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error
    const tooMuch = { ...at(error.offset), reason: error.message }
    return { tree: undefined, problems: [], tooMuch, keys: [], place: () => ({ ...at(0), depth: 0 }) }
  }
  const found = [...document.errors, ...document.warnings]
  const problems = found
    .slice(0, SYNTAX_PROBLEMS_MAX)
    .map((error) => ({ ...at(error.pos[0]), reason: wording(error) }))
  if (found.length > problems.length) {
    const reason = `and ${found.length - problems.length} more errors of syntax - fix the first ones first`
    problems.push({ ...problems.at(-1)!, reason })
  }
  let tree: unknown
  if (found.every((error) => error.code === 'DUPLICATE_KEY')) {
    for (const { name, offset } of aliasesOfNothing(document)) {
      const reason = `*${name} names nothing - write &${name} before the value it stands for`
      problems.push({ ...at(offset), reason })
    }
    try {
      if (problems.length === found.length) tree = document.toJS()
    } catch (error) {
      problems.push({ line: 1, column: 1, reason: (error as Error).message })
    }
  }
  const position = (node: unknown): Position | undefined => {
    const start = (node as Node | null | undefined)?.range?.[0]
    return start === undefined ? undefined : at(start)
  }
  const place = (path: Path, atKey = false): Place => {
    let node: unknown = document.contents
    let here = position(node) ?? { line: 1, column: 1 }
    for (const [depth, step] of path.entries()) {
      const child = childOf(isAlias(node) ? node.resolve(document) : node, step)
      if (child === undefined) return { ...here, depth }
      const last = depth === path.length - 1
      const key = position(child.key)
      const ofValue = isEmpty(child.value) ? undefined : position(child.value)
      const nextMissing = !last && childOf(child.value, path[depth + 1]!) === undefined
      here = ((last && atKey) || nextMissing ? key : ofValue) ?? key ?? ofValue ?? here
      node = child.value
    }
    return { ...here, depth: path.length }
  }
  const { contents } = document
  const keys = isMap(contents)
    ? contents.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''))
    : []
  return { tree, problems, keys, place }
}

function childOf(node: unknown, step: string | number): { key: unknown; value: unknown } | undefined {
  if (isSeq(node))
    return Number(step) < node.items.length ? { key: undefined, value: node.items[Number(step)] } : undefined
  if (!isMap(node)) return undefined
  return node.items.findLast(
    (pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === String(step),
  )
}

function isEmpty(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null && (node.source ?? '') === '')
}

function wording(error: YAMLError): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key is here twice - keep one'
  if (error.code === 'TAB_AS_INDENT') return 'a tab in the indentation - YAML wants spaces'
  if (error.code === 'MULTIPLE_DOCS') return 'a second YAML document - keep one scenario per file'
  const message = error.message.replace(/\s+/g, ' ').trim()
  return /reserved character @/.test(message) ? `${message} - put the name in quotes: '@office'` : message
}
