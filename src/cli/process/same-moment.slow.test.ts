/**
 * A signal to the whole process group, as a terminal sends it, ends what a user's policy has started too.
 * What the policy then throws is no failure of its own: the command was interrupted, and nothing false is
 * kept.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Command,
  folder,
  leftBehind,
  processes,
  start,
  until,
  workOf,
  write,
} from './commands.testing.ts'

const skip = process.platform !== 'linux' && 'reads /proc'

/** Waits until the command's policy sleeps, and sends the signal to all. */
async function interruptAll(command: Command, name: NodeJS.Signals): Promise<void> {
  const work = await workOf(command)
  const sleeps = () => {
    const all = processes()
    const shells = all.filter(({ parent }) => parent === work).map(({ pid }) => pid)
    return all.some(({ parent, words }) => words.includes('600') && [work, ...shells].includes(parent))
  }
  while (!sleeps()) await sleep(5)
  process.kill(-command.child.pid!, name)
}

/** Sleeps in its second run. */
const SECOND_RUN = readFileSync(path.join(folder, 'executes.mjs'), 'utf8')
  .replace('create: () =>', 'create: (lanes, parameters, { run } = {}) =>')
  .replace('choose(packet) {', 'choose(packet) { if (!globalThis.again) return 0;')
  .replace('export const', 'let made = 0\nexport const')
  .replace('=> ({', '=> (globalThis.again = made++ > 0, {')

const report = (out: string) => JSON.parse(readFileSync(path.join(folder, out, 'report.json'), 'utf8'))

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${name} to all ends a module that executes while it is loaded, exit ${code}`, { skip }, async () => {
    const command = start('compare small.yaml -q -p ./executes-at-load.mjs -o at-load')
    await interruptAll(command, name)
    const ended = await command.ended
    assert.deepEqual([ended.code, command.said()], [code, 'executing\ninterrupted: nothing was written\n'])
    assert.ok(!existsSync(path.join(folder, 'at-load')))
    assert.deepEqual(leftBehind(), [])
  })
}

test('a run that a signal to all made fail has not finished', { skip }, async () => {
  write('second-run.mjs', SECOND_RUN)
  const command = start('compare small.yaml -q -r 2 -j 1 -p hash -p ./second-run.mjs -o run')
  await interruptAll(command, 'SIGINT')
  const { code } = await command.ended
  const line = 'executing\ninterrupted: the results of 1 of 2 runs are in run\n'
  assert.deepEqual([code, command.said(), report('run').runs], [130, line, 1])
  assert.deepEqual(
    report('run').records.map(({ error }: { error: unknown }) => error),
    [null, null],
  )
})

test('of a scan no point is saved that a signal to all made fail', { skip }, async () => {
  const points = '-P source.synthetic.packetsPerSecond=1000:30000:1000'
  const command = start(`compare small.yaml -q -j 1 -p ./executes.mjs ${points} -o scan`)
  await interruptAll(command, 'SIGINT')
  const { code } = await command.ended
  assert.equal(code, 130)
  assert.match(command.said(), /\ninterrupted: 0 of 30 points are saved in scan - go on with --resume\n$/)
  const saved = path.join(folder, 'scan/points')
  assert.deepEqual(existsSync(saved) ? readdirSync(saved) : [], [])
})

test('a replay whose policy a signal to all made fail is told as interrupted', { skip }, async () => {
  const command = start('replay small.yaml -q --loopback --no-predict -p ./executes.mjs -o replay')
  await interruptAll(command, 'SIGINT')
  const { code } = await command.ended
  const line = 'executing\ninterrupted: no replay had finished, nothing was written\n'
  assert.deepEqual([code, command.said()], [130, line])
})

test('a module that takes the signal for itself and exits ends the command by the signal', {
  skip,
}, async () => {
  const take =
    "process.on('SIGINT', () => process.exit(3))\nprocess.stderr.write('waiting\\n')\nsetInterval(() => {}, 1000)\nawait new Promise(() => {})\n"
  write('takes.mjs', take)
  const command = start('compare small.yaml -q -p ./takes.mjs -o takes')
  await until(command, 'waiting\n')
  process.kill(-command.child.pid!, 'SIGINT')
  const { code } = await command.ended
  assert.equal(code, 130)
  assert.match(command.said(), /\ninterrupted: at once, only what had finished is kept\n$/)
})
