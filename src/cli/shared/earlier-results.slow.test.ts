/** What becomes of results that stand where a command writes its own, for every verb that writes some. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { partPath } from '../../node/files/parts.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'
import { isSameCommand } from './earlier-results.ts'

ownFolder('earlier')
writeFileSync(
  'small.yaml',
  `source: { synthetic: { packetsPerSecond: 2000, flows: { count: 5 }, sizes: { fixed: 300B } } }
lanes: { count: 2, service: { fixed: 100us, perByte: 0ns, jitter: { exponential: { mean: 200us } } } }
policies: [round-robin, hash]
duration: 100ms
warmup: 0s
`,
)
writeFileSync('arrivals.csv', 'flow,sequence\na,1\na,3\na,2\n')
const run = (words: string) => runProgram(words.split(' '))
const argvIn = (place: string) => JSON.parse(readFileSync(path.join(place, 'provenance.json'), 'utf8')).argv

const commands = {
  compare: 'compare small.yaml -r 2 -j 1',
  scan: 'compare small.yaml -r 1 -j 1 -P lanes.count=1:2:1',
  tune: 'tune small.yaml -r 2 -j 1 --points 3 --ttl 1ms:10ms -p flow-pinned',
  replay: 'replay small.yaml --loopback --no-predict --repeat 1',
  measure: 'measure arrivals.csv',
}

for (const [verb, command] of Object.entries(commands)) {
  test(`${verb} keeps the results of another command, whole, and says where`, async () => {
    const place = `of-${verb}`
    const earlier = verb === 'compare' ? 'compare small.yaml -r 2 -j 1 -p hash' : commands.compare
    assert.equal((await run(`${earlier} -o ${place} -q`)).exitCode, 0)
    writeFileSync(path.join(place, 'note.txt'), 'mine')
    const files = readdirSync(place).toSorted()
    const { stderr } = await run(`${command} -o ${place}`)
    const line = `${place}: the results of another command (lanewise ${earlier} -o ${place} -q) are kept in ${place}.previous\n`
    assert.ok(stderr.includes(line), stderr)
    assert.deepEqual(readdirSync(`${place}.previous`).toSorted(), files)
    assert.deepEqual(argvIn(`${place}.previous`), `${earlier} -o ${place} -q`.split(' '))
    assert.equal(argvIn(place)[0], command.split(' ')[0])
    assert.ok(!existsSync(path.join(place, 'note.txt')))
    // Again: these are its own, and are replaced.
    const again = await run(`${command} -o ${place} -q`)
    assert.doesNotMatch(again.stderr, /another command/)
    assert.deepEqual(argvIn(`${place}.previous`), `${earlier} -o ${place} -q`.split(' '))
  })
}

test('what a killed command left of its parts is not kept', async () => {
  const { pid } = spawnSync('true')
  await run('compare small.yaml -r 1 -j 1 -q -o left -P lanes.count=1:2:1')
  const mine = path.basename(partPath('left', 'report.json'))
  const [boot, namespace, , ...rest] = mine.split('-')
  const stale = [boot, namespace, pid, ...rest].join('-')
  for (const place of ['left', 'left/points']) writeFileSync(path.join(place, stale), 'half')
  await run('compare small.yaml -r 1 -q -o left -p random')
  const kept = readdirSync('left.previous', { recursive: true })
  assert.deepEqual(
    kept.filter((name) => String(name).endsWith('.part')),
    [],
  )
  assert.ok(kept.some((name) => String(name).startsWith(`points${path.sep}`)))
})

test('there is one generation: an older one goes', async () => {
  for (const policy of ['hash', 'random', 'any-idle'])
    await run(`compare small.yaml -r 1 -q -o one -p ${policy}`)
  assert.equal(argvIn('one').at(-1), 'any-idle')
  assert.equal(argvIn('one.previous').at(-1), 'random')
  assert.ok(!existsSync('one.previous.previous'))
})

test('seed, runs, jobs and what is shown make no other command of it; all else does', () => {
  const base = 'compare @02 -p hash'.split(' ')
  for (const more of ['--seed 3', '--seed=3', '-r 9', '-r9', '--runs 9', '-j 2', '-q', '-v', '-qv', '-f csv', '--format=json', '-o there', '--columns p99', '--sort-rows=p99']) // biome-ignore format: a row
    assert.ok(isSameCommand(base, [...base, ...more.split(' ')]), more)
  for (const other of ['tune @02 -p hash', 'compare @04 -p hash', 'compare @02 -p random', 'compare @02 -p hash -d 2s', 'compare @02 -p hash --set lanes.count=2']) // biome-ignore format: a row
    assert.ok(!isSameCommand(base, other.split(' ')), other)
})

test('--resume goes on where it was', async () => {
  await run('compare small.yaml -r 1 -q -o scanned -P lanes.count=1:2:1')
  const resumed = await run('compare small.yaml -r 1 -o scanned -P lanes.count=1:3:1 --resume')
  assert.match(resumed.stderr, /2 of 3 points are there already/)
  assert.ok(!existsSync('scanned.previous'))
})

test("a .previous that holds what lanewise didn't write stays", async () => {
  for (const policy of ['hash', 'random']) {
    await run(`compare small.yaml -r 1 -q -o noted -p ${policy}`)
    if (policy === 'hash') writeFileSync('noted/note.txt', 'mine')
  }
  const { exitCode, stderr } = await run('compare small.yaml -r 1 -q -o noted -p any-idle')
  assert.equal(exitCode, 1)
  assert.match(
    stderr,
    /^noted\.previous: is in the way of the earlier results in noted, and lanewise didn't write noted\.previous\/note\.txt - move it/,
  )
  assert.equal(readFileSync('noted.previous/note.txt', 'utf8'), 'mine')
})

test('a .previous that holds what is read stays', async () => {
  for (const policy of ['hash', 'random']) await run(`compare small.yaml -r 1 -q -o old -p ${policy}`)
  const read = 'old.previous/report.json'
  writeFileSync(read, readFileSync('small.yaml'))
  const { exitCode, stderr } = await run(`compare ${read} -r 1 -o old`)
  assert.equal(exitCode, 0)
  assert.match(stderr, /are replaced and not kept, since \S*report\.json is in old\.previous - name/)
  assert.equal(readFileSync(read, 'utf8'), readFileSync('small.yaml', 'utf8'))
})

test("a .previous that lanewise didn't write is in the way", async () => {
  await run('compare small.yaml -r 1 -q -o way')
  mkdirSync('way.previous')
  const { exitCode, stderr } = await run('compare small.yaml -r 1 -q -o way -p hash')
  assert.deepEqual(
    [exitCode, /^way\.previous: is in the way .* - move it, or name/.test(stderr)],
    [1, true],
    stderr,
  )
  assert.ok(!argvIn('way').includes('hash'))
})

test('a folder that holds what is read stays, and that is said', async () => {
  await run('compare small.yaml -r 1 -q -o inputs')
  writeFileSync('inputs/own.yaml', readFileSync('small.yaml'))
  const { exitCode, stderr } = await run('compare inputs/own.yaml -r 1 -o inputs')
  assert.equal(exitCode, 0)
  assert.match(
    stderr,
    /are replaced and not kept, since \S*own\.yaml is in that folder - name another one with -o/,
  )
  assert.ok(existsSync('inputs/own.yaml') && !existsSync('inputs.previous'))
})

test('a command that ends with nothing written leaves the earlier results where they were', async () => {
  await run('compare small.yaml -r 1 -q -o kept')
  const { exitCode } = await runProgram('compare small.yaml -r 1 -q -o kept -p hash'.split(' '), {
    signal: AbortSignal.abort('SIGINT'),
  })
  assert.equal(exitCode, 130)
  assert.ok(!argvIn('kept').includes('hash'))
  assert.ok(!existsSync('kept.previous'))
})
