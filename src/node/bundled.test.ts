/** Names of what comes with lanewise, and what every verb makes of them. */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { runProgram } from '../cli/run-program.testing.ts'
import { bundledInputs, inputPath, namesOf } from './bundled.ts'
import { loadScenario } from './load-scenario.ts'

const home = process.cwd()
const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-bundled-'))
before(() => process.chdir(folder))
after(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true })
})

const run = (words: string) => runProgram(words.split(' '))

test('every name is of one file that is there', () => {
  const names = bundledInputs().flatMap(namesOf)
  assert.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  )
  for (const name of names) assert.ok(existsSync(inputPath(name)), name)
})

test('a number stands for its scenario, with and without the zero, and so does the rest of its name', () => {
  for (const name of ['@02', '@2', '@spray-breaks-udp', '@02-spray-breaks-udp']) {
    assert.equal(path.basename(inputPath(name)), '02-spray-breaks-udp.yaml')
  }
  assert.equal(path.basename(inputPath('@reference')), 'reference.yaml')
  assert.equal(path.basename(inputPath('@office')), 'office.pcap.gz')
})

test('anything else is a path and stays as it is', () => {
  for (const given of ['office.pcap', './@office', 'a/@office', '-', ''])
    assert.equal(inputPath(given), given)
})

const hint = '\\(lanewise list scenarios, lanewise list captures\\)'
const mistakes: ReadonlyArray<readonly [string, RegExp]> = [
  [
    'compare @offise',
    new RegExp(`^@offise: nothing of that name comes with lanewise - did you mean "@office"\\? ${hint}\n$`),
  ],
  ['tune @99', new RegExp(`^@99: nothing of that name comes with lanewise - .* ${hint}\n$`)],
  ['compare @', new RegExp(`^@: nothing of that name comes with lanewise - .* ${hint}\n$`)],
  ['replay @ofice --loopback', /^@ofice: nothing of that name .* "@office"/],
  ['inspect @office @ofice', /^@ofice: nothing of that name .* "@office"/],
  ['inspect @02', /^@02: @02-spray-breaks-udp is a scenario, and only a capture will do here - name one/],
  ['measure @ofice', /^@ofice: nothing of that name/],
  ['measure --sent @office --received @ofice', /^--received @ofice: nothing of that name/],
  [
    'compare @02 --set source.capture=@ofice',
    /^--set source.capture=@ofice: nothing of that name .* "@office"/,
  ],
  ['compare quoted.yaml', /^quoted.yaml:1:20 source.capture: nothing called @ofice comes with .* "@office"/],
  ['compare a-scenario.yaml', /^a-scenario.yaml:1:20 source.capture: @02-spray-breaks-udp is a scenario/],
  ['compare bare.yaml', /^bare.yaml:1:20: .*reserved character @ .*- put the name in quotes: '@office'\n/],
  ['compare @mine', /^@mine: nothing of that name comes with lanewise - for the file .* write \.\/@mine\n$/],
]
for (const [words, message] of mistakes) {
  test(`${words} is one clear line and exit code 2`, async () => {
    writeFileSync('quoted.yaml', "source: { capture: '@ofice' }\n")
    writeFileSync('a-scenario.yaml', "source: { capture: '@02' }\n")
    writeFileSync('bare.yaml', 'source: { capture: @office }\n')
    writeFileSync('@mine', 'source: { synthetic: { packetsPerSecond: 1000 } }\n')
    const { exitCode, stdout, stderr } = await run(words)
    assert.deepEqual([exitCode, stdout], [2, ''])
    assert.match(stderr, message)
  })
}

test('a file that is called like a name is meant with ./', async () => {
  writeFileSync('@mine', 'source: { synthetic: { packetsPerSecond: 1000 } }\n')
  assert.equal((await loadScenario('./@mine')).name, '@mine')
})

/** The files of a comparison; the report's text is broken where lines would be too long, so it is parsed. */
async function made(input: string): Promise<{ report: unknown; table: string; files: string[] }> {
  rmSync('results', { recursive: true, force: true })
  const { exitCode, stdout, stderr } = await run(`compare ${input} -d 3s -r 2 -q -j 1 -p any-idle -p hash`)
  assert.deepEqual([exitCode, stderr], [0, ''])
  const stem = path.basename(inputPath(input)).replace(/\..*/, '')
  const text = (file: string) => readFileSync(`results/${stem}/${file}`, 'utf8')
  return {
    report: JSON.parse(text('report.json')),
    table: stdout,
    files: ['summary.csv', 'runs.csv', 'flows.csv', 'distributions.csv'].map(text),
  }
}

test('a scenario by its number gives what its path gives, in the same folder', async () => {
  const byName = await made('@02')
  const byPath = await made(inputPath('@02'))
  assert.deepEqual(byName.files, byPath.files)
  // Apart from the command that is proposed next.
  const renamed = JSON.stringify(byPath.report).replaceAll(inputPath('@02'), '@02')
  assert.deepEqual(byName.report, JSON.parse(renamed))
})

test('a capture by its name gives what its path gives, apart from what the source is called', async () => {
  const byName = await made('@voice')
  const byPath = await made(inputPath('@voice'))
  assert.deepEqual(byName.files, byPath.files)
  assert.match(byName.table, /^voice\.pcap\.gz\n {2}source @voice: /)
  const renamed = JSON.stringify(byPath.report).replaceAll(inputPath('@voice'), '@voice')
  assert.deepEqual(byName.report, JSON.parse(renamed))
})

test('a scenario of your own plays a bundled capture from any folder', async () => {
  writeFileSync('own.yaml', "source: { capture: '@voice' }\nruns: 1\nduration: 2s\n")
  const loaded = await loadScenario('own.yaml')
  assert.equal(loaded.capturePath, inputPath('@voice'))
  assert.equal((await run('compare own.yaml -q')).exitCode, 0)
  const set = await loadScenario('@02', { set: ['source.capture=@voice'] })
  assert.equal(set.capturePath, inputPath('@voice'))
})

test('inspect and measure call a bundled capture by its name', async () => {
  const inspected = await run('inspect @full-queues -q')
  assert.equal(inspected.stdout.split('\n')[0], '@full-queues')
  copyFileSync(inputPath('@voice'), 'after.pcap.gz')
  const measured = await run('measure --sent @voice --received after.pcap.gz -f json -q')
  const { inputs, name, title } = JSON.parse(measured.stdout)
  assert.deepEqual(inputs, { sent: '@voice', received: 'after.pcap.gz' })
  assert.deepEqual([name, title], ['voice-after', 'voice.pcap.gz to after.pcap.gz'])
  assert.match((await run('measure @full-queues')).stdout, /^@full-queues: one capture does not tell/)
})

test('a scan over bundled captures saves its points as before', async () => {
  const words = 'compare @02 -L source.capture=@office,@voice -d 1s -r 1'
  assert.equal((await run(`${words} -q`)).exitCode, 0)
  const { stderr } = await run(`${words} --resume`)
  assert.match(stderr, /^--resume: 2 of 2 points are there already$/m)
})
