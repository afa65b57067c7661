/** The command as two processes: whatever the second does, the first ends it, in good order where it can. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtMain } from '../../built.testing.ts'
import { folder, leftBehind, SOON_MS, start, until, workOf, write } from './commands.testing.ts'

const skip = process.platform !== 'linux' && 'reads /proc'
const AT_ONCE = 'interrupted: at once, only what had finished is kept\n'

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${name} ends a module that loops while it is loaded within a second, exit ${code}`, {
    skip,
  }, async () => {
    const command = start('compare small.yaml -q -p ./loops-at-load.mjs -o at-load')
    await until(command, 'looping\n')
    const atMs = performance.now()
    command.child.kill(name)
    const ended = await command.ended
    assert.deepEqual([ended.code, ended.signal, command.said()], [code, null, `looping\n${AT_ONCE}`])
    assert.ok(ended.atMs - atMs < SOON_MS, `${ended.atMs - atMs} ms`)
    assert.deepEqual(leftBehind(), [])
  })
}

test('a policy that loops in the only run of a comparison is ended in good order', { skip }, async () => {
  const command = start('compare small.yaml -q -p hash -p ./loops.mjs -o loops')
  await until(command, 'looping\n')
  const atMs = performance.now()
  command.child.kill('SIGINT')
  const { code, atMs: endMs } = await command.ended
  assert.equal(code, 130)
  assert.equal(command.said(), 'looping\ninterrupted: no run had finished, nothing was written\n')
  assert.ok(endMs - atMs < SOON_MS, `${endMs - atMs} ms`)
})

test('runs that had finished before a policy executes for ever are kept, and nothing of it stays', {
  skip,
}, async () => {
  write(
    'second-run.mjs',
    readFileSync(path.join(folder, 'executes.mjs'), 'utf8')
      .replace('create: () =>', 'create: (lanes, parameters, { run } = {}) =>')
      .replace('choose(packet) {', 'choose(packet) { if (!globalThis.again) return 0;')
      .replace('export const', 'let made = 0\nexport const')
      .replace('=> ({', '=> (globalThis.again = made++ > 0, {'),
  )
  const command = start('compare small.yaml -q -r 3 -j 1 -p hash -p ./second-run.mjs -o kept')
  await until(command, 'executing\n')
  command.child.kill('SIGTERM')
  const { code } = await command.ended
  assert.equal(code, 143)
  const report = JSON.parse(readFileSync(path.join(folder, 'kept/report.json'), 'utf8'))
  assert.equal(report.runs, 1)
  assert.deepEqual(leftBehind(), [])
})

test('a second ^C ends it at once, and both together count once', { skip }, async () => {
  const command = start('compare small.yaml -q -p ./loops-at-load.mjs -o twice')
  await until(command, 'looping\n')
  // As a terminal does, to all of the group.
  process.kill(-command.child.pid!, 'SIGINT')
  await sleep(200)
  assert.equal(command.child.exitCode, null)
  const atMs = performance.now()
  process.kill(-command.child.pid!, 'SIGINT')
  const { code, atMs: endMs } = await command.ended
  assert.deepEqual([code, command.said()], [130, `looping\n${AT_ONCE}`])
  assert.ok(endMs - atMs < 400, `${endMs - atMs} ms`)
})

test('whoever knows only the second process ends the work by that, and it is said once', {
  skip,
}, async () => {
  const command = start('compare small.yaml -v -r 4000 -j 1 -p ./first-lane.mjs -o second')
  const work = await workOf(command)
  await until(command, 'run 0')
  process.kill(work, 'SIGTERM')
  const { code } = await command.ended
  assert.equal(code, 143)
  assert.match(command.said(), /interrupted: the results of \d+ of 4000 runs are in second\n$/)
  assert.equal(command.said().split('interrupted').length, 2)
})

test('a work that somebody kills is one line and exit 137', { skip }, async () => {
  const command = start('compare small.yaml -q -p ./loops-at-load.mjs -o killed')
  await until(command, 'looping\n')
  process.kill(await workOf(command), 'SIGKILL')
  const { code } = await command.ended
  const line =
    'lanewise: its process was ended by SIGKILL, perhaps for want of memory - what had finished is kept, run it again\n'
  assert.deepEqual([code, command.said()], [137, `looping\n${line}`])
})

test('kill -9 of the first process ends the second, even in a loop', { skip }, async () => {
  const command = start('compare small.yaml -q -p ./loops-at-load.mjs -o orphan')
  await until(command, 'looping\n')
  command.child.kill('SIGKILL')
  await command.ended
  for (let i = 0; i < 100 && leftBehind().length > 0; i++) await sleep(10)
  assert.deepEqual(leftBehind(), [])
})

test('nohup keeps it running when the terminal is closed', { skip }, async () => {
  const command = start('compare small.yaml -v -r 30 -j 1 -p hash -o nohup', [
    ...['bash', '-c', 'nohup "$@"; exit $?', 'bash'],
    process.execPath,
  ])
  await until(command, 'run 0')
  process.kill(-command.child.pid!, 'SIGHUP')
  const { code, signal } = await command.ended
  // The shell itself isn't under nohup.
  assert.ok(code === 0 || signal === 'SIGHUP', `${code} ${signal}`)
  const report = () => JSON.parse(readFileSync(path.join(folder, 'nohup/report.json'), 'utf8'))
  for (let i = 0; i < 1000 && leftBehind().length > 0; i++) await sleep(20)
  assert.equal(report().runs, 30)
})

/** How many processes of Node a command takes: each says so on stderr. */
function processesOf(words: string): number {
  write('probe.mjs', "process.stderr.write('started\\n')\n")
  const argv = [...builtMain, ...words.split(' ')]
  const env = { ...process.env, NODE_OPTIONS: `--import=${path.join(folder, 'probe.mjs')}` }
  const { stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', cwd: folder, env })
  return stderr.split('started\n').length - 1
}

test('what runs no code of a user and opens no input has no second process', { skip }, () => {
  for (const words of ['--help', '-V', 'compare --help', 'list policies', 'completion bash']) {
    assert.equal(processesOf(words), 1, words)
  }
  assert.equal(processesOf('inspect nothing.pcap'), 2)
})

for (const files of [20, 32, 64]) {
  test(`with ${files} open files at most every verb is one line and exit 1 at once`, { skip }, () => {
    for (const verb of ['compare', 'tune', 'diagnose', 'inspect', 'replay', 'measure', 'plot']) {
      const argv = ['-c', `ulimit -n ${files}; exec "$@"`, 'bash', process.execPath]
      // Not from the sources: tsx needs more itself.
      const { status, stderr } = spawnSync('bash', [...argv, ...builtMain, verb, 'small.yaml'], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 20_000,
      })
      const line = 'lanewise: too many open files - raise the limit: ulimit -n 1024\n'
      if (!builtMain.at(-1)!.endsWith('.ts')) assert.deepEqual([status, stderr], [1, line], verb)
    }
  })
}

test('waiting for the writer of a pipe ends with a signal; as a policy a pipe is refused', { skip }, () => {
  spawnSync('mkfifo', ['pipe', 'pipe.mjs'], { cwd: folder })
  assert.ok(existsSync(path.join(folder, 'pipe')))
  const ended = (words: string) => {
    const options = { cwd: folder, encoding: 'utf8', timeout: 1500 } as const
    const { status, stderr } = spawnSync(process.execPath, [...builtMain, ...words.split(' ')], options)
    return [status, stderr]
  }
  for (const words of ['compare pipe', 'compare small.yaml --calibration pipe']) {
    const [status] = ended(words)
    assert.equal(status, 143, words)
  }
  assert.deepEqual(ended('compare small.yaml -p ./pipe.mjs'), [
    2,
    `-p ./pipe.mjs: ${path.join(folder, 'pipe.mjs')} is a pipe - a policy's module is a file\n`,
  ])
})
