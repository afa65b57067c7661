/**
 * Commands that a document shows. Of Markdown: fenced blocks without a language or of a shell (lines with a
 * `$ ` prompt are commands and the others what they print; without prompts each line is one), and inline code
 * that is a whole command with an input. Of help: its examples. What is said of a block stands in a comment
 * above it, `<!-- run: as=root stdin=@office with=before.pcap,after.pcap exit=1 -->` or `<!-- skip: why -->`;
 * above a paragraph it is said of the commands in it. A block's commands belong together, in their order.
 */
import { VERBS } from '../verbs.ts'

/** What a block needs, and how it ends. */
export interface Conditions {
  readonly asRoot: boolean
  /** The name of a bundled capture, given on standard input. */
  readonly stdin: string | undefined
  /** Files that are made first. */
  readonly files: readonly string[]
  /** Of its last command; the others end with 0. */
  readonly exitCode: number
}

export interface Step {
  readonly text: string
  readonly line: number
  /** False for what only makes files for the others: printf, echo ... */
  readonly isCommand: boolean
  /** The first line that it prints, where the document shows it. */
  shown: string | undefined
}

export interface Block {
  readonly document: string
  readonly line: number
  readonly conditions: Conditions
  /** Why it isn't run. */
  readonly skipped: string | undefined
  readonly steps: readonly Step[]
}

const SHELLS = ['', 'sh', 'shell', 'bash', 'console']
const OUTPUTS = ['output', 'text']
const ELIDED = /^\s*(\.\.\.|…)\s*$/
/** Where a shell looks for a command: at the beginning, behind a pipe, in brackets. */
const COMMAND = /(?:^|[|;&(]\s*)(?:sudo\s+)?(?:npx\s+)?lanewise(?:\s+(\S+)|$)|(?:^|&&\s*)npm start\b/
const PREPARATION = /^(printf|echo|cat|mkdir|cp|gzip|gunzip)\s/
const INPUT = /^(@[\w-]+|-|results\/\S+|\S+\.(pcap|pcapng|ya?ml|json|csv)(\.gz)?)$/
/** Verbs that need no input. */
const WITHOUT_INPUT = ['list', 'completion', 'help']
const USUAL: Conditions = { asRoot: false, stdin: undefined, files: [], exitCode: 0 }

interface Said {
  readonly conditions: Conditions
  readonly skipped: string | undefined
  readonly isOutput: boolean
  readonly line: number
}

/** The blocks of a Markdown document, in order. Throws an Error for a comment that can't be understood. */
export function blocksOf(document: string, text: string): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  let said: Said | undefined
  let isUsed = false
  /** The last command of the fence that ended just above. */
  let above: Step | undefined
  const endParagraph = () => {
    if (said === undefined || !isUsed) return
    said = undefined
    isUsed = false
  }
  const add = (line: number, steps: readonly Step[]) => {
    const { conditions = USUAL, skipped } = said ?? {}
    blocks.push({ document, line, conditions, skipped, steps })
    isUsed = true
  }
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const fence = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/.exec(line)
    if (fence !== null) {
      endParagraph()
      const [, indent, marks, language] = fence as unknown as [string, string, string, string]
      const body: string[] = []
      const begin = i + 2
      for (i++; i < lines.length && !lines[i]!.trim().startsWith(marks); i++) {
        body.push(lines[i]!.startsWith(indent) ? lines[i]!.slice(indent.length) : lines[i]!)
      }
      if (said?.isOutput || (said === undefined && OUTPUTS.includes(language))) {
        if (above !== undefined) above.shown ??= shownOf(body[0])
        said = undefined
        above = undefined
        continue
      }
      const steps = SHELLS.includes(language) ? stepsOf(body, begin, language !== '') : []
      if (steps.some(({ isCommand }) => isCommand)) add(begin, steps)
      if (said !== undefined && !isUsed) throw new Error(`${document}:${said.line}: no command below this`)
      endParagraph()
      above = steps.findLast(({ isCommand }) => isCommand)
      continue
    }
    const comment = /^\s*<!--\s*(run|skip|output)\b:?\s*(.*?)\s*-->\s*$/.exec(line)
    if (comment !== null) {
      if (said !== undefined && !isUsed) throw new Error(`${document}:${said.line}: no command below this`)
      said = saidBy(comment[1]!, comment[2]!, document, i + 1)
      isUsed = false
      continue
    }
    if (line.trim() === '') {
      endParagraph()
      continue
    }
    above = undefined
    for (const [, code] of line.matchAll(/`([^`]+)`/g)) {
      if (isWholeCommand(code!)) add(i + 1, [{ text: code!, line: i + 1, isCommand: true, shown: undefined }])
    }
  }
  if (said !== undefined && !isUsed) throw new Error(`${document}:${said.line}: no command below this`)
  return blocks
}

/** The examples of a help, as one block; what stands behind two spaces explains. */
export function examplesOf(document: string, help: string): Block[] {
  const all = help.split('\n')
  const from = all.findIndex((line) => line.startsWith('Examples'))
  if (from < 0) return []
  const lines = all.slice(from).map((line) => (/^ {2}\S/.test(line) ? line.trim().split(/ {2,}/)[0]! : ''))
  const steps = stepsOf(lines, from + 1, true)
  return steps.length === 0
    ? []
    : [{ document, line: from + 1, conditions: USUAL, skipped: undefined, steps }]
}

/** @param isShell may a command be what no verb is called? It is a mistake then, and no prose. */
function stepsOf(lines: readonly string[], firstLine: number, isShell: boolean): Step[] {
  const hasPrompts = lines.some((line) => line.startsWith('$ '))
  const steps: Step[] = []
  /** The command that the lines below belong to. */
  let current: Step | undefined
  for (let i = 0; i < lines.length; i++) {
    const line = firstLine + i
    if (hasPrompts && !lines[i]!.startsWith('$ ')) {
      if (current !== undefined) current.shown = shownOf(lines[i])
      current = undefined
      continue
    }
    let text = hasPrompts ? lines[i]!.slice(2) : lines[i]!.trim()
    const next = () => (hasPrompts ? lines[++i]!.replace(/^> /, '') : lines[++i]!)
    while (text.endsWith('\\') && i + 1 < lines.length) text += `\n${next()}`
    const end = /<<-?\s*['"]?(\w+)/.exec(text)?.[1]
    while (end !== undefined && i + 1 < lines.length && !text.endsWith(`\n${end}`)) text += `\n${next()}`
    const command = COMMAND.exec(text)
    const isVerb = command !== null && /^-|^help$/.test(command[1] ?? '-')
    const isCommand = command !== null && (isShell || hasPrompts || isVerb || (command[1] ?? '') in VERBS)
    current = undefined
    if (!isCommand && !PREPARATION.test(text)) continue
    const step: Step = { text, line, isCommand, shown: undefined }
    if (isCommand) current = step
    steps.push(step)
  }
  return steps
}

function shownOf(line: string | undefined): string | undefined {
  return line === undefined || line.trim() === '' || ELIDED.test(line) ? undefined : line.trimEnd()
}

/** Inline code that somebody could type as it is. */
function isWholeCommand(code: string): boolean {
  if (!/^(sudo )?(npx )?lanewise /.test(code) || /\.\.\.|…|[<{[]\w+[>\]}]/.test(code)) return false
  const [verb, ...words] = code.replace(/^(sudo )?(npx )?lanewise /, '').split(/\s+/)
  if (words.includes('--help') || words.includes('-h')) return true
  return WITHOUT_INPUT.includes(verb!) ? words.length > 0 : words.some((word) => INPUT.test(word))
}

function saidBy(kind: string, text: string, document: string, line: number): Said {
  const said: Said = { conditions: USUAL, skipped: undefined, isOutput: kind === 'output', line }
  if (kind === 'output') return said
  if (kind === 'skip') {
    if (text === '') throw new Error(`${document}:${line}: a skip needs a reason`)
    return { ...said, skipped: text }
  }
  let conditions = USUAL
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const [key, value = ''] = word.split(/=(.*)/)
    if (key === 'as' && value === 'root') conditions = { ...conditions, asRoot: true }
    else if (key === 'stdin' && /^@./.test(value)) conditions = { ...conditions, stdin: value }
    else if (key === 'with' && value !== '') conditions = { ...conditions, files: value.split(',') }
    else if (key === 'exit' && /^\d+$/.test(value)) conditions = { ...conditions, exitCode: Number(value) }
    else
      throw new Error(
        `${document}:${line}: unknown condition ${word} - as=root, stdin=@NAME, with=FILES, exit=N`,
      )
  }
  return { ...said, conditions }
}
