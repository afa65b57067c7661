/** Verbs with a calibration that is a part of a scenario, and what heads say of it. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { presetNamed } from '../../calibrate/presets.ts'
import { partOfScenario } from '../../node/calibration-file.testing.ts'
import { worstMiss } from '../../scenario/schema/calibration.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-calibrated-'))
const before = process.cwd()
process.chdir(folder)
const configBefore = process.env.XDG_CONFIG_HOME
after(() => {
  if (configBefore === undefined) delete process.env.XDG_CONFIG_HOME
  else process.env.XDG_CONFIG_HOME = configBefore
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

writeFileSync(
  'small.yaml',
  `source: { synthetic: { packetsPerSecond: 20000, flows: { count: 20 } } }
policies: [any-idle, hash]
duration: 20ms
runs: 2
`,
)
const work = (fixed: string) =>
  partOfScenario({ lanes: { service: { fixed, perByte: '0ns', jitter: 'none' } } })
const text = JSON.stringify(work('7us'))
writeFileSync('mine.json', text)
writeFileSync('other.json', JSON.stringify(work('9us')))
const sha256 = createHash('sha256').update(text).digest('hex')
const run = (words: string, means = {}) => runProgram(withOneJob(words), means)
const report = (name: string) => JSON.parse(readFileSync(`${name}/report.json`, 'utf8'))

test('the head says what it is calibrated on and how it holds out, report.json which bytes they were', async () => {
  const { exitCode, stdout } = await run('compare small.yaml --calibration mine.json -o mine')
  assert.equal(exitCode, 0)
  assert.match(stdout, /7 us of work per packet \(calibrated on mine\.json, holds out within\s+8%\)/)
  assert.match(stdout, /rests on lanes calibrated on mine\.json, holds out within 8%, and/)
  const { verdict, scenario } = report('mine')
  const { lanes, file, calibration } = verdict.restsOn
  assert.deepEqual([lanes, file, calibration.sha256], ['calibrated', 'mine.json', sha256])
  assert.ok(Math.abs(calibration.missRatioMax - 0.08) < 1e-12)
  assert.equal(scenario.lanes.service.fixed, '7us')
})

test('--set comes after the calibration, and a mistake of its own blames itself', async () => {
  await run('compare small.yaml --calibration mine.json --set lanes.service.fixed=8us -o set -q')
  assert.equal(report('set').scenario.lanes.service.fixed, '8us')
  writeFileSync('wide.json', JSON.stringify(partOfScenario({ lanes: { cores: 9 } })))
  const { exitCode, stderr } = await run('compare small.yaml --calibration wide.json -o wide')
  assert.deepEqual(
    [exitCode, stderr],
    [2, '--calibration wide.json lanes.cores: has 9 cores for 4 lanes - give at most 4, or all\n'],
  )
})

test('the points of a scan have other keys under another calibration, and the same under the same', async () => {
  const keys = async (name: string, words: string) => {
    const { exitCode, stderr } = await run(`compare small.yaml -q -L lanes.count=2,4 -o ${name}${words}`)
    assert.deepEqual([exitCode, stderr], [0, ''])
    return readdirSync(`${name}/points`)
      .filter((file) => /^[0-9a-f]{32}/.test(file))
      .sort()
  }
  const plain = await keys('plain', '')
  const mine = await keys('scan-mine', ' --calibration mine.json')
  const other = await keys('scan-other', ' --calibration other.json')
  assert.equal(new Set([...plain, ...mine, ...other]).size, 6)
  assert.deepEqual(await keys('again', ' --calibration mine.json'), mine)
  const { lanes, calibration } = report('scan-mine').verdict.restsOn
  assert.deepEqual([lanes, calibration.sha256], ['calibrated', sha256])
})

test('tune and diagnose take it too', async () => {
  const tuned = await run('tune small.yaml -p flow-pinned --calibration mine.json -o tuned --points 3')
  assert.match(`${tuned.exitCode} ${tuned.stdout}`, /^0 [\s\S]*calibrated on mine\.json/)
  assert.equal(report('tuned').verdict.restsOn.calibration.sha256, sha256)
  const diagnosed = await runProgram(['diagnose', '@voice', '--calibration', 'mine.json', '-f', 'json'])
  assert.equal(JSON.parse(diagnosed.stdout).restsOn.calibration.sha256, sha256)
})

test('where the machine has been measured an assumed comparison hints at it, and report.json stays', async () => {
  const env = { XDG_CONFIG_HOME: path.join(folder, 'config') }
  const hint = /^ {2}hint {3}this machine has been measured: --calibration machine$/m
  const bytes = async (name: string) => {
    const { stdout } = await run(`compare small.yaml -o ${name}`, { env })
    return { stdout, saved: readFileSync(`${name}/report.json`, 'utf8').replaceAll(name, '') }
  }
  const without = await bytes('without')
  assert.doesNotMatch(without.stdout, hint)
  mkdirSync('config/lanewise', { recursive: true })
  writeFileSync('config/lanewise/machine.json', text)
  const beside = await bytes('beside')
  assert.match(beside.stdout, hint)
  assert.equal(beside.saved, without.saved)
  process.env.XDG_CONFIG_HOME = env.XDG_CONFIG_HOME
  // Results may have that name: it isn't the file that is read.
  const named = await run('compare small.yaml --calibration machine -o machine', { env })
  assert.equal(named.exitCode, 0, named.stderr)
  assert.equal(report('machine').verdict.restsOn.file, 'machine')
  const calibrated = await run('compare small.yaml --calibration mine.json -o calibrated', { env })
  assert.doesNotMatch(calibrated.stdout, hint)
})

test('--as is the calibration of a system that is known, which heads name with its date and machine', async () => {
  const { exitCode, stdout } = await run('compare small.yaml --as openvpn-fork -o as')
  assert.equal(exitCode, 0)
  const said = stdout.replaceAll(/\s+/g, ' ')
  const known = presetNamed('openvpn-fork').calibration
  const missRatio = worstMiss(known)!
  const miss = `${Number((missRatio * 100).toPrecision(2))}%`
  const like = `built like openvpn-fork, calibrated in November 2026 on 2 cores, holds out within ${miss}`
  assert.ok(said.includes(`us of work per packet (${like})`), said)
  assert.ok(said.includes(`This rests on lanes ${like}, and on 2 runs.`))
  assert.match(said, /Next: lanewise replay small\.yaml .*--as openvpn-fork/)
  const { verdict, scenario } = report('as')
  const { lanes, file, calibration } = verdict.restsOn
  const { builtLike, missRatioMax } = calibration
  assert.deepEqual(
    [lanes, file, builtLike, missRatioMax],
    ['calibrated', 'openvpn-fork', 'in November 2026 on 2 cores', missRatio],
  )
  assert.match(calibration.sha256, /^[0-9a-f]{64}$/)
  const { cores, reader, receiver } = scenario
  const part = known.scenario as Record<'cores' | 'reader' | 'receiver', typeof scenario>
  assert.deepEqual(
    [{ count: cores.count }, reader.whenLaneBusy, reader.perPacket, receiver.service.fixed],
    [part.cores, 'spin', part.reader.perPacket, part.receiver.service.fixed],
  )
})

test('--set and -P come after --as, and mistakes of both blame what was written', async () => {
  assert.equal(
    (await run('compare small.yaml --as openvpn-fork --set cores.count=4 -o set-as -q')).exitCode,
    0,
  )
  assert.equal(report('set-as').scenario.cores.count, 4)
  const scanned = await run('compare small.yaml --as openvpn-fork -L cores.count=1,2 -o scan-as')
  assert.match(scanned.stdout.replaceAll(/\s+/g, ' '), /built like openvpn-fork, calibrated in November/)
  const mistakes: ReadonlyArray<readonly [words: string, message: string]> = [
    [
      '--as openvpn-frok',
      '--as openvpn-frok: unknown - did you mean "openvpn-fork"? (lanewise list presets)\n',
    ],
    ['--as tinc', '--as tinc: unknown - known is openvpn-fork (lanewise list presets)\n'],
    [
      '--as openvpn-fork --calibration mine.json',
      '--as openvpn-fork: is a calibration too, beside --calibration mine.json - leave out one\n',
    ],
  ]
  for (const [words, message] of mistakes) {
    const { exitCode, stdout, stderr } = await run(`compare small.yaml ${words} -o wrong`)
    assert.deepEqual([exitCode, stdout, stderr], [2, '', message])
  }
})

test('tune, diagnose and replay take --as too', async () => {
  const as = '--as openvpn-fork'
  const tuned = await run(
    `tune small.yaml ${as} -p flow-pinned --ttl 1ms:10ms --points 2 --no-check -o tune-as`,
  )
  assert.equal(tuned.exitCode, 0)
  assert.equal(report('tune-as').verdict.restsOn.file, 'openvpn-fork')
  const diagnosed = await runProgram(`diagnose @voice ${as} -f json`.split(' '))
  assert.equal(diagnosed.exitCode, 0)
  assert.equal(JSON.parse(diagnosed.stdout).restsOn.file, 'openvpn-fork')
  const replayed = await runProgram('replay small.yaml --as tinc --loopback'.split(' '))
  assert.deepEqual([replayed.exitCode, replayed.stderr.startsWith('--as tinc: unknown')], [2, true])
})
