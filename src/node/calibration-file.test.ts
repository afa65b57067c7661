/** Calibrations that are a part of a scenario: what is read, what it changes, and whom mistakes blame. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { UserError } from '../errors.ts'
import { parseCalibration } from '../scenario/schema/calibration.ts'
import { randomStream } from '../sim/random.ts'
import { partOfScenario } from './calibration-file.testing.ts'
import { readCalibration } from './calibration-file.ts'
import { loadScenario, scenarioReader } from './load-scenario.ts'
import { machineFile } from './machine-file.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-part-'))
after(() => rmSync(folder, { recursive: true }))

function write(name: string, content: unknown): string {
  const file = path.join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const scenario = write(
  'gateway.yaml',
  `source: { synthetic: { packetsPerSecond: 1000 } }
lanes:
  count: 2
  service: { fixed: 3us, perByte: 1ns, jitter: { constant: 1us } }
  wakeUp: { exponential: { mean: 20us } }
policies: [hash]
`,
)
const calibration = partOfScenario({
  reader: { perPacket: '2us' },
  lanes: { service: { fixed: '5us', jitter: { empirical: { values: ['1us', '4us'] } } }, wakeUp: 'none' },
  cores: { count: 2 },
})
const calibrated = write('calibration.json', calibration)

test('a part of a scenario changes what it names and nothing else, and says which bytes it was', async () => {
  const plain = await loadScenario(scenario)
  const loaded = await loadScenario(scenario, { calibration: calibrated })
  const { lanes } = plain.scenario
  assert.deepEqual(loaded.scenario, {
    ...plain.scenario,
    reader: { ...plain.scenario.reader, perPacket: '2us' },
    lanes: {
      ...lanes,
      service: { ...lanes.service, fixed: '5us', jitter: { empirical: { values: ['1us', '4us'] } } },
      wakeUp: 'none',
    },
    cores: { count: 2, timeSlice: '3ms', wakeOnSameCore: 0.2, takeOver: 0.1 },
  })
  assert.deepEqual([lanes.service.fixed, lanes.service.perByte, lanes.count], ['3us', '1ns', 2])
  assert.equal(loaded.calibration, undefined)
  const sha256 = createHash('sha256').update(JSON.stringify(calibration)).digest('hex')
  const { missRatioMax, ...said } = loaded.calibratedOn!
  assert.deepEqual(said, { file: calibrated, sha256, form: 'scenario' })
  // 0.92 is further from 1 than 1.05.
  assert.ok(Math.abs(missRatioMax! - 0.08) < 1e-12, `${missRatioMax}`)
})

test('--set and the settings of a scan come after it, each for itself', async () => {
  const read = await scenarioReader(scenario, {
    calibration: calibrated,
    set: ['lanes.count=8', 'lanes.service.fixed=7us'],
  })
  const of = (value: string) => read([{ flag: '-P', path: ['reader', 'perPacket'], value }]).scenario
  assert.deepEqual([of('9us').reader.perPacket, of('8us').reader.perPacket], ['9us', '8us'])
  const { lanes, cores } = of('9us')
  assert.deepEqual([lanes.count, lanes.service.fixed, lanes.wakeUp, cores?.count], [8, '7us', 'none', 2])
})

test('a mistake that comes of it with the scenario blames it, with the key', async () => {
  const speeds = write('speeds.json', partOfScenario({ lanes: { speed: [1, 2, 3] } }))
  await assert.rejects(loadScenario(scenario, { calibration: speeds }), (error: UserError) => {
    assert.match(error.message, /^--calibration .*speeds\.json lanes\.speed: .*3 .*2 lanes/)
    return error.exitCode === 2
  })
})

const wrong: ReadonlyArray<readonly [string, unknown, RegExp]> = [
  ['another key', partOfScenario({ policies: ['hash'] }), /: scenario\.policies unknown key .*lanes/],
  ['a bare number', partOfScenario({ lanes: { service: { fixed: 5 } } }), /: scenario\.lanes\.service\.fixed /],
  ['an unknown distribution', partOfScenario({ lanes: { wakeUp: { gauss: {} } } }), /: scenario\.lanes\.wakeUp\.gauss unknown/],
  ['both forms', { ...calibration, measured: {} }, /: measured unknown key/],
  ['no method', { ...calibration, method: undefined }, /: method missing/],
  ['a negative factor', { ...calibration, heldOut: [{ ...calibration.heldOut[0], factor: -1 }] }, /: heldOut\[0\]\.factor /],
  ['no scenario', { ...calibration, scenario: 'none' }, /: scenario expected a map, got "none"/],
] // biome-ignore format: a row each

for (const [what, content, message] of wrong) {
  test(`${what} in it is one line with place and cure`, () => {
    const file = write('wrong.json', content)
    assert.throws(
      () => readCalibration(file),
      (error: UserError) => {
        assert.equal(error.exitCode, 2)
        assert.match(error.message, message)
        assert.match(error.message, /^--calibration [^\n]* - record it again with lanewise calibrate$/)
        return true
      },
    )
  })
}

test('whatever is changed in a calibration, it is read or refused in lines that name it', () => {
  const random = randomStream(1, 0, 'mutations')
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const values = [null, -1, 1e300, 'x', '5us', [], {}, true, { values: [] }]
  const measured = {
    recordedFrom: { scenario: 'a', policy: 'hash', topology: 'dispatcher', lanes: 2, packets: 9, idleStarts: 5, busyStarts: 4, stalls: 0 }, // biome-ignore format: a row
    service: { perByteNs: 1, lanes: [{ idleNs: [1000, 2000], busyNs: [1000] }] },
    stalls: [{ lanes: [0], perSecond: 1, lengthNs: [1000] }],
    reader: { perPacketNs: 100, afterSendNsP50: null },
    delivery: { afterFinishNsP50: 5 },
  }
  const { kind } = calibration
  const originals = [
    calibration,
    { kind, schemaVersion: 2, measured },
    { kind, schemaVersion: 1, ...measured },
  ]
  const refused = originals.map(() => 0)
  for (let time = 0; time < 900; time++) {
    const which = time % originals.length
    const copy = structuredClone(originals[which]) as Record<string, unknown>
    let node = copy
    for (;;) {
      const key = pick(Object.keys(node))
      const inner = node[key]
      if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && random() < 0.7) {
        node = inner as Record<string, unknown>
        continue
      }
      if (random() < 0.3) delete node[key]
      else if (random() < 0.2) node[`${key}x`] = inner
      else node[key] = pick(values)
      break
    }
    const text = JSON.stringify(copy)
    try {
      parseCalibration(text, 'c.json')
    } catch (error) {
      assert.ok(error instanceof UserError, `${text}: ${error}`)
      assert.equal(error.exitCode, 2)
      for (const one of error.lines) assert.match(one, /^--calibration c\.json: .+ - .+$/, text)
      refused[which]!++
    }
  }
  for (const count of refused) assert.ok(count > 100 && count < 300, `${refused}`)
})

test('machine is what this machine was measured as, and where it was not, that is said with the cure', async () => {
  const before = process.env.XDG_CONFIG_HOME
  process.env.XDG_CONFIG_HOME = path.join(folder, 'config')
  after(() => {
    if (before === undefined) delete process.env.XDG_CONFIG_HOME
    else process.env.XDG_CONFIG_HOME = before
  })
  await assert.rejects(loadScenario(scenario, { calibration: 'machine' }), {
    message: `--calibration machine: this machine hasn't been measured, there is no ${machineFile()} - run lanewise calibrate --machine`,
  })
  mkdirSync(path.dirname(machineFile()), { recursive: true })
  writeFileSync(machineFile(), JSON.stringify({ ...calibration, heldOut: [] }))
  const loaded = await loadScenario(scenario, { calibration: 'machine' })
  assert.equal(loaded.scenario.lanes.service.fixed, '5us')
  const { file, missRatioMax } = loaded.calibratedOn!
  assert.deepEqual([file, missRatioMax], ['machine', null])
})

test('the folder is that of XDG_CONFIG_HOME, else ~/.config; a relative one is ignored', () => {
  assert.equal(machineFile({ XDG_CONFIG_HOME: '/c', HOME: '/h' }), '/c/lanewise/machine.json')
  assert.equal(machineFile({ HOME: '/h' }), '/h/.config/lanewise/machine.json')
  const { homedir, uid } = userInfo()
  const under = (sudoUid: number) => machineFile({ SUDO_UID: `${sudoUid}`, HOME: '/h' })
  assert.equal(under(uid), path.join(homedir, '.config/lanewise/machine.json'), "the caller's, not root's")
  assert.equal(under(uid + 1), '/h/.config/lanewise/machine.json')
  assert.equal(machineFile({ XDG_CONFIG_HOME: 'c', HOME: '/h' }), '/h/.config/lanewise/machine.json')
})
