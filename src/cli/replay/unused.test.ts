import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { partOfScenario } from '../../node/calibration-file.testing.ts'
import { loadScenario } from '../../node/load-scenario.ts'
import type { ReplayOptions } from './options.ts'
import { checkReplay } from './options.ts'
import { withoutEffectHere } from './unused.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-unused-'))
after(() => rmSync(folder, { recursive: true }))
const synthetic = path.join(folder, 'synthetic.yaml')
writeFileSync(synthetic, 'source: { synthetic: { packetsPerSecond: 100 } }\n')
const capture = path.join(folder, 'capture.yaml')
writeFileSync(capture, 'source: { capture: any.pcap }\n')

async function said(file: string, set: readonly string[], options: Partial<ReplayOptions> = {}) {
  const given = { work: 'model', repeat: '4', predict: true, format: 'table', set: [...set], ...options }
  const { calibration, policy: policies } = options
  const loaded = await loadScenario(file, { set, policies, calibration })
  return withoutEffectHere(loaded, checkReplay(given), options.policy)
}

test('what a replay does as the scenario says is not remarked on', async () => {
  const honoured = [
    'lanes.count=3',
    'lanes.speed=2',
    'lanes.service.fixed=1us',
    'lanes.queue.capacityPackets=7',
    'lanes.queue.onFull=hold',
    'reader.batch=8',
    'reader.stage={perLane: 2, total: 6}',
    'tunQueue.capacityPackets=9',
    'duration=2s',
    'warmup=1s',
    'seed=3',
    'assume.rtt=30ms',
  ]
  assert.deepEqual(await said(synthetic, honoured), [])
  assert.deepEqual(
    await said(capture, ['source.packetsPerSecond=10', 'source.loop=3'], { multiplier: '2' }),
    [],
  )
})

test('of a calibration is said what lanes here do by themselves', async () => {
  const write = (name: string, content: object) => {
    const calibration = path.join(folder, name)
    writeFileSync(calibration, JSON.stringify(content))
    return { calibration }
  }
  const works = write('works.json', partOfScenario({ lanes: { count: 2, service: { fixed: '9us' } } }))
  assert.deepEqual(await said(synthetic, [], works), [])
  const wakes = write('wakes.json', partOfScenario({ lanes: { wakeUp: { constant: '9us' } } }))
  assert.deepEqual(await said(synthetic, [], wakes), [
    "a replay has the machine's own lanes.wakeUp: what the scenario says of them is only in (c)",
  ])
  const measured = write('measured.json', {
    kind: 'lanewise calibration',
    schemaVersion: 2,
    measured: {
      recordedFrom: { scenario: 'a', policy: 'hash', topology: 'dispatcher', lanes: 2, packets: 9, idleStarts: 5, busyStarts: 4, stalls: 0 }, // biome-ignore format: a row
      service: { perByteNs: 1, lanes: [{ idleNs: [1000, 2000], busyNs: [1000] }] },
      stalls: [],
      reader: { perPacketNs: 100, afterSendNsP50: null },
      delivery: { afterFinishNsP50: 5 },
    },
  })
  const line = (place: string) => [
    `--calibration ${measured.calibration}: what a replay has measured of lanes ${place}, lanes here work as the scenario says`,
  ]
  assert.deepEqual(await said(synthetic, [], measured), line('is only in (c)'))
  assert.deepEqual(await said(synthetic, [], { ...measured, predict: false }), line('has no effect'))
})

const own: ReadonlyArray<readonly [set: string, key: string]> = [
  ['reader.perPacket=1us', 'reader.perPacket'],
  ['reader.perPass=1us', 'reader.perPass'],
  ['reader.feedbackDelay=1us', 'reader.feedbackDelay'],
  ['lanes.stalls={perSecond: 1, length: {constant: 1ms}}', 'lanes.stalls'],
  ['lanes.wakeUp.constant=1us', 'lanes.wakeUp'],
  ['lanes.cores=2', 'lanes.cores'],
  ['lanes.timeSlice=1ms', 'lanes.timeSlice'],
  ['link.delay=1ms', 'link'],
  ['link.loss=0.1', 'link'],
  ['link.rateBps=1000', 'link'],
  ['link.jitter.constant=1us', 'link'],
  ['release.turns.packets=1', 'release'],
  ['tunQueue.onFull=stop', 'tunQueue.onFull'],
]
for (const [set, key] of own) {
  test(`--set ${set} is said to be the machine's own business`, async () => {
    const line = (end: string) => [
      `a replay has the machine's own ${key}: what the scenario says of them ${end}`,
    ]
    assert.deepEqual(await said(synthetic, [set]), line('is only in (c)'))
    assert.deepEqual(await said(synthetic, [set], { predict: false }), line('has no effect'))
  })
}

const replaced: ReadonlyArray<
  readonly [file: string, set: readonly string[], options: Partial<ReplayOptions>, line: RegExp]
> = [
  [
    synthetic,
    ['lanes.speed=2'],
    { work: 'none' },
    /^--work none: .* lanes\.speed has no effect - use --work model$/,
  ],
  [
    synthetic,
    ['source.synthetic.arrivals=periodic'],
    { pps: '5' },
    /^--pps: .*\.arrivals has no effect - leave out --pps$/,
  ],
  [capture, ['source.speed=2'], { mbps: '5' }, /^--mbps: .* source\.speed has no effect - leave out --mbps$/],
  [
    capture,
    ['source.packetsPerSecond=2'],
    { topspeed: true },
    /^--topspeed: .* source\.packetsPerSecond has no effect/,
  ],
  [
    synthetic,
    ['runs=3'],
    {},
    /^--set runs has no effect - use --repeat, and --predict-runs for predictions$/,
  ],
  [
    synthetic,
    ['reader.batch=3', 'topology=shared'],
    {},
    /^topology shared: .* reader\.batch has no effect, as lanes /,
  ],
  [
    synthetic,
    ['lanes.queue.onFull=hold'],
    { topology: ['multi-queue'] },
    /^topology multi-queue: .* lanes\.queue has /,
  ],
  [
    synthetic,
    ['topology=multi-queue'],
    { policy: ['hash'] },
    /^topology multi-queue: -p hash won't be replayed, .* - add --topology dispatcher$/,
  ],
  [
    synthetic,
    ['topology=shared', 'policies=[hash]'],
    {},
    /^topology shared: the policies of the scenario won't be replayed/,
  ],
  [
    synthetic,
    ['tunQueue.capacityPackets=unlimited'],
    {},
    /^tunQueue\.capacityPackets: no TUN device has an unlimited queue/,
  ],
]
for (const [file, set, options, line] of replaced) {
  test(`${set.join(', ')} with ${JSON.stringify(options)} is said to have no effect`, async () => {
    const lines = await said(file, set, options)
    assert.equal(lines.length, 1, lines.join('\n'))
    assert.match(lines[0]!, line)
  })
}
