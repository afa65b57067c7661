/** A process that has no other one beside it: a signal that its work doesn't follow ends it all the same. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { builtFile, nodeOptions } from '../../built.testing.ts'
import { folder, SOON_MS, write } from './commands.testing.ts'

const skip = process.platform === 'win32' && 'has no signals'
const LINE = 'interrupted: at once, only what had finished is kept\n'

write(
  'deaf.mjs',
  `import { ownSignals } from '${pathToFileURL(builtFile('cli/process/signals'))}'
const signals = ownSignals()
signals.listen(() => process.argv[2] === 'goes-on')
if (process.argv[2] === 'over') signals.say('over')
setInterval(() => {}, 1000)
process.stderr.write('here\\n')
`,
)

/** How it ends after SIGINT: by what, how soon, and what it has said. */
async function interrupted(how: string, times: number) {
  const child = spawn(process.execPath, [...nodeOptions, path.join(folder, 'deaf.mjs'), how])
  let said = ''
  child.stderr.on('data', (piece) => {
    said += piece
  })
  await once(child.stderr, 'data')
  const atMs = performance.now()
  const ended = once(child, 'close')
  for (let i = 0; i < times; i++) {
    child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), 2 * SOON_MS)
  const [, signal] = await ended
  clearTimeout(timer)
  return { signal, tookMs: performance.now() - atMs, said: said.replace('here\n', '') }
}

test('work that hears a signal and does not end is ended by it, with a line', { skip }, async () => {
  const { signal, tookMs, said } = await interrupted('stays', 1)
  assert.deepEqual([signal, said], ['SIGINT', LINE])
  assert.ok(tookMs > 800 && tookMs < SOON_MS, `${tookMs} ms`)
})

test('a second signal ends it at once', { skip }, async () => {
  const { signal, tookMs, said } = await interrupted('stays', 2)
  assert.deepEqual([signal, said], ['SIGINT', ''])
  assert.ok(tookMs < 800, `${tookMs} ms`)
})

test('work that has said all it has to say is ended without another line', { skip }, async () => {
  const { signal, said } = await interrupted('over', 1)
  assert.deepEqual([signal, said], ['SIGINT', ''])
})

test('a signal that only ended the input ends nothing', { skip }, async () => {
  const { signal, tookMs } = await interrupted('goes-on', 1)
  assert.equal(signal, 'SIGKILL')
  assert.ok(tookMs > SOON_MS)
})
