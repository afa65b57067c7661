/**
 * `lanewise replay` as a process that is told to end: what a terminal that is closed, or ^C at once, leaves
 * and says.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtMain } from '../../built.testing.ts'
import { skipWithoutTun } from '../../live/live.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-signals-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(
  path.join(folder, 'small.yaml'),
  `source: { synthetic: { packetsPerSecond: 1000, flows: { count: 5 } } }
duration: 300ms
warmup: 0s
policies: [hash]
`,
)

function start(t: TestContext, words: string): { child: ChildProcess; said(): string } {
  const argv = [...builtMain, 'replay', 'small.yaml', ...words.split(' ')]
  const child = spawn(process.execPath, argv, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr!.on('data', (piece) => {
    stderr += piece
  })
  return { child, said: () => stderr }
}

async function until(holds: () => boolean, child: ChildProcess): Promise<void> {
  while (!holds()) {
    assert.equal(child.exitCode, null, 'the replay ended by itself')
    await sleep(5)
  }
}

test('a terminal that is closed ends a replay in good order: what had finished is kept, exit 129', async (t) => {
  const { child, said } = start(t, '--loopback --repeat 50 --no-predict -v -o closed --packets closed.csv')
  await until(() => said().includes('hash, replay 1:'), child)
  child.kill('SIGHUP')
  const [code, signal] = await once(child, 'close')
  assert.deepEqual([code, signal], [129, null])
  // A machine with no time for that has it ended at once: the last report is the one before, all else holds.
  const isInOrder = !said().endsWith('\ninterrupted: at once, only what had finished is kept\n')
  if (isInOrder) {
    assert.match(said(), /\ninterrupted: the (replay|\d+ replays) that had finished (is|are) in closed\n$/)
  }
  const report = JSON.parse(readFileSync(path.join(folder, 'closed/report.json'), 'utf8'))
  if (isInOrder) assert.equal(report.interrupted, true)
  assert.ok(report.subjects[0].replays.length >= 1)
  assert.ok(existsSync(path.join(folder, 'closed.csv')))
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.part')))
})

test('^C while the process in the namespace is starting says that nothing was written, exit 130', {
  skip: skipWithoutTun(),
}, async (t) => {
  const { child, said } = start(t, '--repeat 50 -o early')
  // The supervisor's process, and its own in the namespace.
  const isStarting = () =>
    childrenOf(child.pid!)
      .flatMap(childrenOf)
      .some((id) => commandOf(id).includes('\0replay\0'))
  await until(isStarting, child)
  child.kill('SIGINT')
  const [code, signal] = await once(child, 'close')
  assert.deepEqual([code, signal, said()], [130, null, 'interrupted: nothing was written\n'])
  assert.ok(!existsSync(path.join(folder, 'early')))
})

function childrenOf(processId: number): number[] {
  try {
    const children = readFileSync(`/proc/${processId}/task/${processId}/children`, 'latin1')
    return children.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function commandOf(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}
