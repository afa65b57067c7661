/**
 * YAML of a size that a scenario may have. The library's parser goes through a document by recursion and
 * compares every key with every other one, so text is bounded while its tokens are read, before anything is
 * made of them; keys that occur twice are found here, in linear time.
 */
import {
  Composer,
  type Document,
  isAlias,
  isScalar,
  Lexer,
  type LineCounter,
  Parser,
  visit,
  YAMLParseError,
} from 'yaml'

/** What a scenario may have: characters, levels of nesting, tokens and aliases. */
export const TEXT_CHARS_MAX = 1 << 20
export const DEPTH_MAX = 64
export const TOKENS_MAX = 600_000
export const ALIASES_MAX = 500
/** Errors of syntax that are kept. */
const ERRORS_MAX = 1000

/** The text has too much of something. */
export class TooMuch extends Error {
  /** Where, from the begin of the text. */
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(reason)
    this.offset = offset
  }
}

/**
 * The first document of the text, with its errors. Throws {@link TooMuch}.
 * @param merge do keys << merge maps? @param lines is told where lines begin
 */
export function boundedDocument(text: string, merge: boolean, lines?: LineCounter): Document.Parsed {
  lines?.addNewLine(0)
  if (text.length > TEXT_CHARS_MAX) throw new TooMuch('a scenario of more than 1 MB - shorten its lists', 0)
  const composer = new Composer({ prettyErrors: false, logLevel: 'error', merge, uniqueKeys: false })
  let document: Document.Parsed | undefined
  for (const one of composer.compose(tokensOf(text, lines), true, text.length)) {
    if (document === undefined) document = one
    else {
      const [start, end] = one.range
      document.errors.push(new YAMLParseError([start, end], 'MULTIPLE_DOCS', 'several documents'))
      break
    }
  }
  noteKeysTwice(document!)
  return document!
}

function* tokensOf(text: string, lines: LineCounter | undefined) {
  const parser = new Parser(lines?.addNewLine)
  let tokens = 0
  let aliases = 0
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme)
    if (parser.stack.length > DEPTH_MAX + 1) {
      throw new TooMuch(`nested deeper than ${DEPTH_MAX} - a scenario needs fewer levels`, parser.offset)
    }
    if (++tokens > TOKENS_MAX) throw new TooMuch('more keys and values than a scenario has', parser.offset)
    if (lexeme.startsWith('*') && ++aliases > ALIASES_MAX) {
      throw new TooMuch(`more than ${ALIASES_MAX} aliases - write the values out`, parser.offset)
    }
  }
  yield* parser.end()
}

/** Errors for keys that a map has already, in the library's words. */
function noteKeysTwice(document: Document.Parsed): void {
  const twice: YAMLParseError[] = []
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value) && twice.length < ERRORS_MAX) {
          const at = key.range?.[0] ?? 0
          twice.push(new YAMLParseError([at, at + 1], 'DUPLICATE_KEY', 'Map keys must be unique'))
        }
        seen.add(key.value)
      }
    },
  })
  document.errors.push(...twice)
  document.errors.sort((a, b) => a.pos[0] - b.pos[0])
}

/** Aliases without an anchor before them; the name and where. */
export function aliasesOfNothing(document: Document.Parsed): { name: string; offset: number }[] {
  const anchors = new Set<string>()
  const found: { name: string; offset: number }[] = []
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        if (!anchors.has(node.source)) found.push({ name: node.source, offset: node.range?.[0] ?? 0 })
      } else if (node.anchor !== undefined) anchors.add(node.anchor)
    },
  })
  return found
}
