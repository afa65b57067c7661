/** Hostile numbers for every key that takes one: a result or one line, in seconds, without much memory. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { builtFile, nodeOptions } from '../built.testing.ts'
import type { Tried } from './hostile-numbers.testing.ts'

/** A machine with other work included. */
const MS_MAX = 30_000
const RSS_BYTES_MAX = 700e6

test('any number for any key gives results, or one line and exit code 2', async () => {
  const command = ['--max-old-space-size=500', ...nodeOptions, builtFile('cli/hostile-numbers.testing')]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (data) => (stderr += data))
  const ended = new Promise<unknown>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  )
  let last: Tried | undefined
  const all: Tried[] = []
  let timer = setTimeout(() => child.kill('SIGKILL'), 2 * MS_MAX)
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer)
    timer = setTimeout(() => child.kill('SIGKILL'), MS_MAX)
    last = JSON.parse(line) as Tried
    if (last.exitCode !== undefined) all.push(last)
  }
  clearTimeout(timer)
  assert.equal(await ended, 0, `ended at ${JSON.stringify(last)}: ${stderr.slice(-500)}`)
  assert.ok(all.length > 250, `${all.length} were tried`)
  for (const { words, exitCode, stderr: text, rssBytes } of all) {
    const what = `${words.join(' ')}: ${exitCode}, ${text}`
    assert.ok(exitCode === 0 || exitCode === 2, what)
    // A line for each thing that is wrong: the number, and maybe what should stand beside it.
    const lines = text!.split('\n').slice(0, -1)
    assert.ok(exitCode === 0 ? text === '' : lines.length >= 1 && lines.length <= 2, what)
    for (const line of lines) assert.match(line, /^-(-set|p|r|j) \S.*: /, what)
    assert.ok(rssBytes! < RSS_BYTES_MAX, `${what}: ${rssBytes} bytes`)
  }
  assert.ok(all.filter(({ exitCode }) => exitCode === 2).length > 150)
  assert.ok(all.filter(({ exitCode }) => exitCode === 0).length > 20)
})
