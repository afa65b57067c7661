/** `--allow-modules` of every verb that runs policies of a scenario, as processes. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { builtMain } from '../../built.testing.ts'
import { skipWithoutTun } from '../../live/live.testing.ts'
import { isSameCommand } from './earlier-results.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-allow-'))
after(() => rmSync(folder, { recursive: true }))
const here = path.join(folder, 'here')
mkdirSync(here)
const ran = path.join(folder, 'ran')
// Keeps order, as the other one doesn't, so that verdicts name it.
writeFileSync(
  path.join(folder, 'own.mjs'),
  `import { writeFileSync } from 'node:fs'
writeFileSync(${JSON.stringify(ran)}, '')
export const policy = {
  name: 'own',
  create: () => ({ name: 'own', keepsFlowOrder: true, choose: (packet) => packet.flow.index % 4 }),
}
`,
)
writeFileSync(
  path.join(folder, 's.yaml'),
  `source: { synthetic: { packetsPerSecond: 20000, flows: { count: 20 } } }
duration: 100ms
warmup: 0s
lanes: { service: { fixed: 100us } }
policies: [any-idle, ./own.mjs]
`,
)

function run(words: string, input = '') {
  rmSync(ran, { force: true })
  const { status, stdout, stderr } = spawnSync(process.execPath, [...builtMain, ...words.split(' ')], {
    cwd: here,
    encoding: 'utf8',
    input,
    timeout: 300_000,
  })
  return { status, stdout, stderr, hasRun: existsSync(ran) }
}

const ASKS =
  /^\S+:5:22 policies\[1\]: \.\/own\.mjs is code that would run with your rights, and .* - look at it, then say --allow-modules\n$/

const COMMANDS = [
  'compare ../s.yaml -r 2 -j 2',
  'compare ../s.yaml -P lanes.count=4:7:1 -r 2 -j 2',
  'tune ../s.yaml -p flow-pinned --points 2 -r 1 --no-check',
  'replay ../s.yaml --loopback --repeat 1 --no-predict',
]
// Tune has -p here, so that nothing of the scenario's list is needed.
for (const words of COMMANDS.map((words) => words.replace(' -p flow-pinned', ''))) {
  test(`${words}: a module of a scenario from elsewhere isn't loaded, and one line says what to do`, () => {
    const { status, stdout, stderr, hasRun } = run(words)
    assert.deepEqual([status, stdout, hasRun], [2, '', false])
    assert.match(stderr, ASKS)
  })
}

test('allowed, it is run in every thread, and the next command says it too', () => {
  const { status, stdout, stderr, hasRun } = run(`${COMMANDS[0]} --allow-modules -q -o compared`)
  assert.deepEqual([status, stderr, hasRun], [0, '', true])
  const [next] = /^Next: .*$/m.exec(stdout)!
  assert.equal(next, 'Next: lanewise replay ../s.yaml -p ../own.mjs -p any-idle --allow-modules')
  const words = ['compare', 's.yaml']
  assert.ok(isSameCommand(words, [...words, '--allow-modules']), 'its results are replaced')
})

test('allowed, a scan asks no thread again, and its points say the same with any number of threads', () => {
  const reportOf = (jobs: number) => {
    const words = `compare ../s.yaml -P lanes.count=4:43:1 -r 1 -j ${jobs} --allow-modules -q -o scan-${jobs}`
    const { status, stderr } = run(words)
    assert.deepEqual([status, stderr], [0, ''])
    return readFileSync(path.join(here, `scan-${jobs}/report.json`), 'utf8')
  }
  const one = reportOf(1)
  assert.equal(reportOf(2), one)
  const { points } = JSON.parse(one)
  assert.deepEqual(points[0].verdict.next[0].slice(3, 6), ['-p', '../own.mjs', '-p'])
  assert.equal(points[39].verdict.next[0].at(-1), '--allow-modules')
})

test('allowed, tune and a replay in memory do their work', () => {
  for (const words of COMMANDS.slice(2)) {
    const { status, stderr, hasRun } = run(`${words} --allow-modules -q -o ${words.split(' ')[0]}`)
    // Exit 1: on a busy machine no replay may have been valid.
    assert.ok(status === 0 || /none of its .* replays is valid/.test(stderr), stderr)
    assert.equal(hasRun, words.startsWith('replay'), words)
  }
})

test('a replay keeps the permission on its way to its network namespace, and asks there without it', {
  skip: skipWithoutTun(),
}, () => {
  const words = 'replay ../s.yaml --repeat 1 --no-predict'
  const asked = run(words)
  assert.deepEqual([asked.status, asked.stdout, asked.hasRun], [2, '', false])
  assert.match(asked.stderr, ASKS)
  const { status, stderr, hasRun } = run(`${words} --allow-modules -q -o live`)
  assert.ok(status === 0 || /none of its .* replays is valid/.test(stderr), stderr)
  assert.equal(hasRun, true)
})

test('what stands behind -p needs nothing, with whichever topology, and diagnose loads no scenario at all', () => {
  const { status, hasRun } = run('compare ../s.yaml -p ../own.mjs -q -o given')
  assert.deepEqual([status, hasRun], [0, true])
  const shared = run(
    'replay ../s.yaml --loopback --repeat 1 --no-predict -p hash --topology shared -q -o shared',
  )
  assert.equal(shared.hasRun, false)
  assert.doesNotMatch(shared.stderr, /--allow-modules/)
  const diagnosed = run('diagnose ../s.yaml')
  assert.deepEqual([diagnosed.status, diagnosed.hasRun], [2, false])
  assert.match(diagnosed.stderr, /^\.\.\/s\.yaml: is a scenario, and diagnose is of a capture - /)
})

test('a scenario through a pipe is from elsewhere', () => {
  const text = readFileSync(path.join(folder, 's.yaml'), 'utf8').replace('./own', path.join(folder, 'own'))
  const { status, stderr, hasRun } = run('compare /dev/stdin', text)
  assert.deepEqual([status, hasRun], [2, false])
  assert.match(stderr, /^\/dev\/stdin:5:22 policies\[1\]: .* say --allow-modules\n$/)
})
