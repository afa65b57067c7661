/** The manual page: what is in it, and that groff has nothing to say against it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { runProgram } from '../run-program.testing.ts'
import { VERBS } from '../verbs.ts'

const { stdout: page } = await runProgram(['completion', 'man'])
/** As a terminal of 80 columns shows it, without bold and italics. */
const groff = ['-man', '-Tutf8', '-ww', '-P-cbou', '-rLL=78n']
const shown = spawnSync('groff', groff, { input: page, encoding: 'utf8' })
const skip = shown.error === undefined ? false : "groff isn't installed"

test('its sections come in the usual order', () => {
  const sections = [...page.matchAll(/^\.SH (.+)$/gm)].map(([, name]) => name)
  assert.deepEqual(sections, [
    ...['NAME', 'SYNOPSIS', 'DESCRIPTION', 'COMMANDS', 'OPTIONS', 'EXAMPLES', 'FILES', 'ENVIRONMENT'],
    ...['EXIT STATUS', 'SEE ALSO'],
  ])
})

test('groff has no warnings, and every line fits into 80 columns', { skip }, () => {
  assert.deepEqual([shown.stderr, shown.status], ['', 0])
  assert.deepEqual(
    shown.stdout.split('\n').filter((line) => line.length > 80),
    [],
  )
})

test('every verb is there with every option, example and note of its help', { skip }, async () => {
  const plain = (text: string) => text.replaceAll(/ \\\n\s*|\s+/g, ' ')
  const text = plain(shown.stdout.replaceAll('’', "'"))
  for (const verb of Object.keys(VERBS)) {
    const help = (await runProgram([verb, '--help'])).stdout
    const [options = '', after = ''] = help.split('\nExamples:\n')
    for (const [, flags] of options.matchAll(/^ {2}(-.*?)(?: {2}|$)/gm)) {
      const written = plain(flags!).replace(/ <(.+)>$/, ' $1')
      assert.ok(text.includes(written), `${verb}: ${written}`)
    }
    const [examples = '', ...notes] = after.trimEnd().split('\n\n')
    const commands = examples.split('\n').filter((line) => /^ {2}\S/.test(line))
    for (const line of [...commands.map((line) => line.trim().split(/ {2,}/)[0]!), ...notes]) {
      assert.ok(text.includes(plain(line)), `${verb}: ${line}`)
    }
  }
})
