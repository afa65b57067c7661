/**
 * Every command that README.md, docs/ and the verbs' help show is run as it stands, two at a time, and ends
 * and begins its output as its document says (documents.testing.ts). The program that runs is the built one,
 * which npm run test:slow builds first.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { after, describe, it, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runProgram } from '../run-program.testing.ts'
import { VERBS } from '../verbs.ts'
import { documentFiles } from './document-files.testing.ts'
import { mistakesOf, type Outcome, openShell, unknowable } from './document-runs.testing.ts'
import { type Block, blocksOf, examplesOf } from './documents.testing.ts'

const SKIPS_MAX = 5
const root = fileURLToPath(new URL('../../../', import.meta.url))
const pages = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs')].filter((page) =>
  existsSync(path.join(root, page)),
)
const helps = ['', ...Object.keys(VERBS)]
const blocks: Block[] = [
  ...pages.flatMap((page) => blocksOf(page, readFileSync(path.join(root, page), 'utf8'))),
  ...(await Promise.all(
    helps.map(async (verb) => {
      const words = [verb, '--help'].filter((word) => word !== '')
      return examplesOf(`lanewise ${words.join(' ')}`, (await runProgram(words)).stdout)
    }),
  ).then((all) => all.flat())),
]
const skipped = blocks.filter((block) => block.skipped !== undefined)
const countOf = (some: readonly Block[]) =>
  some.reduce((sum, { steps }) => sum + steps.filter(({ isCommand }) => isCommand).length, 0)

function markdownIn(folder: string): string[] {
  const names = readdirSync(path.join(root, folder), { recursive: true }) as string[]
  return names.filter((name) => name.endsWith('.md')).map((name) => path.join(folder, name))
}

/** Why a block can't be run here. */
function hindrance({ conditions, steps, skipped: reason }: Block): string | undefined {
  if (reason !== undefined) return reason
  const needsRoot = conditions.asRoot || steps.some(({ text }) => /\bsudo\b/.test(text))
  const isRoot = process.getuid?.() === 0
  return needsRoot && !(isRoot && existsSync('/dev/net/tun')) ? 'needs root and /dev/net/tun' : undefined
}

test(`the documents show ${countOf(blocks)} commands, of which at most ${SKIPS_MAX} blocks aren't run`, (t) => {
  t.diagnostic(
    `${countOf(blocks)} commands in ${blocks.length} blocks of ${pages.length} pages and all helps`,
  )
  for (const block of skipped) t.diagnostic(`not run: ${nameOf(block)}: ${block.skipped}`)
  assert.ok(skipped.length <= SKIPS_MAX, `${skipped.length} blocks are skipped`)
})

test('every verb is shown at work', () => {
  const text = blocks.flatMap(({ steps }) => steps.map((step) => step.text)).join('\n')
  for (const verb of Object.keys(VERBS)) assert.match(text, new RegExp(`lanewise ${verb}\\b`))
})

function nameOf({ document, line, steps }: Block): string {
  const { text } = steps.find(({ isCommand }) => isCommand)!
  return `${document}:${line} ${text.replaceAll(/\s*\\\n\s*/g, ' ')}${steps.length > 1 ? ' ...' : ''}`
}

const isBuilt = existsSync(path.join(root, 'dist/cli/main.js'))
const skip = isBuilt ? false : 'run npm run build first'
const files = documentFiles()
const shell = openShell(files)
const finished = new Set<Outcome>()
after(() => {
  shell.remove()
  files.remove()
})

function judge(block: Block): void {
  it(nameOf(block), { skip: hindrance(block) ?? false }, async (t) => {
    const outcomes = await shell.run(block)
    const last = block.steps.findLastIndex(({ isCommand }) => isCommand)
    const mistakes = outcomes.flatMap((found, i) => {
      finished.add(found)
      // The block's own step: another document may show the same command with another output.
      const outcome = { ...found, step: block.steps[i]! }
      const reason = unknowable(outcome)
      if (reason !== undefined) t.diagnostic(`not judged: ${reason}`)
      if (reason !== undefined) return []
      return mistakesOf(outcome, i === last ? block.conditions.exitCode : 0, block.document)
    })
    assert.deepEqual(mistakes, [])
  })
}

const isReplay = ({ steps }: Block) => steps.some(({ text }) => /lanewise replay/.test(text))

describe('commands in documents', { concurrency: 2, skip }, () => {
  for (const block of blocks) if (!isReplay(block)) judge(block)
})

describe('replays in documents, which want the machine for themselves', { skip }, () => {
  for (const block of blocks) if (isReplay(block)) judge(block)
})

test('each of some fifty commands was run, and these take longest', { skip }, (t) => {
  assert.ok(finished.size >= 50, `${finished.size} commands`)
  t.diagnostic(`${finished.size} commands`)
  const slowest = [...finished].sort((a, b) => b.seconds - a.seconds).slice(0, 5)
  for (const { step, seconds } of slowest) t.diagnostic(`${seconds.toFixed(1)} s: ${step.text}`)
})
