/**
 * No verb writes over what it reads, whichever links lead there, nor over what lanewise didn't write: one
 * line, exit code 2, before any work.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { builtMain } from '../../built.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('ours')
const captures = new URL('../../../scenarios/captures/', import.meta.url)
const SCENARIO = `{
  "source": { "synthetic": { "packetsPerSecond": 2000, "flows": { "count": 5 }, "sizes": { "fixed": "300B" } } },
  "policies": ["round-robin", "hash"], "duration": "100ms", "warmup": "0s", "runs": 1
}`
const CAPTURE = gunzipSync(readFileSync(new URL('voice.pcap.gz', captures))).subarray(0, 20_000)
const ARRIVALS = 'sequence\n1\n3\n2\n'
const run = (words: string) => runProgram(words.split(' ').filter((word) => word !== ''))

/** Verb, its command with INPUT, what the input holds, and the names that it writes. */
const verbs: [string, string, string | Buffer, string[]][] = [
  ['compare', 'compare INPUT -j 1', SCENARIO, ['report.json', 'summary.csv', 'runs.csv', 'flows.csv', 'distributions.csv', 'provenance.json']],
  ['scan', 'compare INPUT -j 1 -P lanes.count=1:2:1', SCENARIO, ['report.json', 'points.csv', 'provenance.json']],
  ['separate', 'compare INPUT --separate -j 1 -d 10ms', CAPTURE, []],
  ['tune', 'tune INPUT -j 1 --points 3 --ttl 1ms:10ms -p flow-pinned', SCENARIO, ['report.json', 'ttl.csv', 'summary.csv', 'runs.csv']],
  ['measure', 'measure INPUT', ARRIVALS, ['report.json', 'summary.csv', 'flows.csv', 'distributions.csv', 'provenance.json']],
  ['replay', 'replay INPUT --loopback --no-predict --repeat 1', SCENARIO, ['report.json', 'live.csv', 'provenance.json', 'calibration.json', 'calibration-hash.json']],
  ['diagnose', 'diagnose INPUT', CAPTURE, ['diagnosis.json']],
] // biome-ignore format: a row each

const ways: [string, (place: string, name: string) => { input: string; output: string }][] = [
  ['in the folder', (place, name) => ({ input: path.join(place, name), output: place })],
  ['by another spelling', (place, name) => ({ input: `./${place}/../${place}/${name}`, output: `./${place}/.` })],
  ['by a symbolic link', (place, name) => {
    symlinkSync(path.resolve(place, name), `${place}-link`)
    return { input: `${place}-link`, output: place }
  }],
  ['by a hard link', (place, name) => {
    linkSync(path.join(place, name), `${place}-hard`)
    return { input: `${place}-hard`, output: place }
  }],
  ['by a link to the folder', (place, name) => {
    symlinkSync(path.resolve(place), `${place}-folder`)
    return { input: path.join(place, name), output: `${place}-folder` }
  }],
] // biome-ignore format: a row each

let number = 0
for (const [verb, command, content, names] of verbs) {
  for (const [how, arrange] of ways) {
    test(`${verb} doesn't write over what it reads, ${how}`, async () => {
      for (const name of names) {
        const place = `p${number++}`
        mkdirSync(place)
        writeFileSync(path.join(place, name), content)
        const { input, output } = arrange(place, name)
        const { exitCode, stdout, stderr } = await run(`${command.replace('INPUT', input)} -o ${output}`)
        const line = `-o ${output}: ${name} is the file that is read - name another folder\n`
        assert.deepEqual([exitCode, stdout, stderr], [2, '', line], name)
        assert.deepEqual(readdirSync(place), [name])
        assert.deepEqual(readFileSync(path.join(place, name)), Buffer.from(content))
      }
    })
  }
  test(`${verb} doesn't write over what lanewise didn't write, and does beside it`, async () => {
    const input = `input-${verb}.json`
    writeFileSync(input, content)
    for (const name of names) {
      const place = `t${number++}`
      mkdirSync(place)
      writeFileSync(path.join(place, name), 'mine')
      const { exitCode, stdout, stderr } = await run(`${command.replace('INPUT', input)} -o ${place}`)
      const line = `-o ${place}: ${name} is there already, and lanewise didn't write it - name another folder\n`
      assert.deepEqual([exitCode, stdout, stderr], [2, '', line], name)
      assert.deepEqual(readdirSync(place), [name])
      assert.equal(readFileSync(path.join(place, name), 'utf8'), 'mine')
    }
    const beside = `beside-${verb}`
    mkdirSync(beside)
    writeFileSync(path.join(beside, 'notes.txt'), 'mine')
    const words = `${command.replace('INPUT', input)} -q -o ${beside}`
    // A second time they are its own. A replay on a busy machine may end with 1.
    for (let time = 0; time < 2; time++) {
      const { exitCode, stderr } = await run(words)
      assert.ok(exitCode === 0 || (verb === 'replay' && exitCode === 1), stderr)
      assert.equal(readFileSync(path.join(beside, 'notes.txt'), 'utf8'), 'mine')
      assert.ok(readdirSync(beside).length > 1)
    }
  })
}

test('of several captures none is written over by the results of another one', async () => {
  mkdirSync('many/one', { recursive: true })
  writeFileSync('one.pcap', CAPTURE)
  writeFileSync('many/one/runs.csv', CAPTURE)
  const { exitCode, stderr } = await run('compare one.pcap many/one/runs.csv --separate -j 1 -o many')
  assert.equal(exitCode, 2)
  assert.equal(
    stderr.split('\n').at(-2),
    '-o many/one: runs.csv is the file that is read - name another folder',
  )
  assert.deepEqual(readdirSync('many/one'), ['runs.csv'])
})

test('plot draws over neither results, nor a trace, nor what others made', async () => {
  writeFileSync('drawn.json', SCENARIO)
  await run('compare drawn.json -j 1 -q -o drawn --trace drawn.csv')
  copyFileSync('drawn.csv', 'trace.svg')
  symlinkSync('drawn/report.json', 'page.html')
  for (const [words, line] of [
    [
      'drawn trace.svg -o trace.svg --chart lane-timeline',
      '-o trace.svg: is the file that is read - name another file',
    ],
    ['drawn -o page.html', '-o page.html: is the file that is read - name another file'],
  ]) {
    const kept = readFileSync('drawn/report.json')
    const { exitCode, stderr } = await run(`plot ${words}`)
    assert.deepEqual([exitCode, stderr], [2, `${line}\n`])
    assert.deepEqual(readFileSync('drawn/report.json'), kept)
  }
  mkdirSync('pictures')
  writeFileSync('pictures/trade-off.svg', 'mine')
  const refused = await run('plot drawn -o pictures')
  assert.deepEqual([refused.exitCode, refused.stderr], [2, "-o pictures: trade-off.svg is there already, and lanewise didn't write it - name another folder\n"]) // biome-ignore format: a line
  assert.deepEqual(readdirSync('pictures'), ['trade-off.svg'])
  // Beside the results themselves: they stay a whole that is drawn again.
  for (let time = 0; time < 2; time++) {
    const { exitCode, stderr } = await run('plot drawn -q -o drawn')
    assert.deepEqual([exitCode, stderr], [0, ''])
  }
  assert.ok(existsSync('drawn/trade-off.svg'))
})

test('--trace and --packets go over no file of results', async () => {
  for (const name of ['live.csv', 'summary.csv', 'points.csv']) {
    const { exitCode, stderr } = await run(`replay drawn.json --loopback -o rows --packets rows/${name}`)
    assert.equal(exitCode, 2)
    assert.match(stderr, new RegExp(`^--packets rows/${name}: is where ${name} of the results goes - name`))
  }
  assert.ok(!existsSync('rows'))
})

test('a file behind standard input is not written over', { skip: process.platform !== 'linux' }, () => {
  mkdirSync('piped')
  writeFileSync('piped/flows.csv', ARRIVALS)
  const words = `exec "$@" measure - -q -o piped < piped/flows.csv`
  const argv = ['-c', words, 'sh', process.execPath, ...builtMain]
  const { status, stderr } = spawnSync('sh', argv, { encoding: 'utf8' })
  assert.deepEqual(
    [status, stderr],
    [2, '-o piped: flows.csv is the file that is read - name another folder\n'],
  )
  assert.equal(readFileSync('piped/flows.csv', 'utf8'), ARRIVALS)
})

test('results of 0.1.0, whose provenance has neither kind nor sums, are ours too', async () => {
  mkdirSync('zero')
  const argv = 'compare drawn.json -j 1 -q -o zero'.split(' ')
  writeFileSync('zero/provenance.json', JSON.stringify({ lanewise: '0.1.0', argv }))
  writeFileSync('zero/report.json', 'old')
  writeFileSync('zero/ttl.csv', 'unlisted')
  const { exitCode, stderr } = await runProgram(argv)
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.equal(readFileSync('zero/ttl.csv', 'utf8'), 'unlisted')
  assert.equal(JSON.parse(readFileSync('zero/report.json', 'utf8')).schemaVersion, 1)
})
