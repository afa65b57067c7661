/** Loading: flags over files, blame for the right one, names and paths, and files that are no scenarios. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { UserError } from '../errors.ts'
import { captureAlone, scenarioFromText } from '../scenario/loaded-scenario.ts'
import type { Overrides } from '../scenario/overrides.ts'
import type { ScenarioInput } from '../scenario/schema/schema.ts'
import { loadScenario } from './load-scenario.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-load-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const whole = path.join(folder, name)
  mkdirSync(path.dirname(whole), { recursive: true })
  writeFileSync(whole, content)
  return whole
}

async function failure(load: () => unknown): Promise<{ lines: string[]; exitCode: number }> {
  try {
    await load()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { lines: error.lines.map((line) => line.replaceAll(folder, '@')), exitCode: error.exitCode }
  }
  throw new Error('nothing was wrong')
}

const PCAP = Uint8Array.from([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0])
const SYNTHETIC = 'source: { synthetic: { packetsPerSecond: 1000 } }\n'

describe('what a path names', () => {
  const captures: [name: string, content: Uint8Array | string][] = [
    ['office.pcap', PCAP],
    ['renamed.yaml', PCAP],
    ['big-endian.bin', Uint8Array.from([0xa1, 0xb2, 0x3c, 0x4d])],
    ['new.pcapng', Uint8Array.from([0x0a, 0x0d, 0x0d, 0x0a])],
    ['zipped.pcap.gz', Uint8Array.from([0x1f, 0x8b, 8, 0])],
    ['empty.pcap', ''],
    ['text.cap', 'hello'],
  ]
  for (const [name, content] of captures) {
    it(`${name} is a capture by its content, or else by its extension`, async () => {
      const whole = file(name, content)
      const loaded = await loadScenario(whole)
      assert.equal(loaded.capturePath, whole)
      assert.equal(loaded.scenario.title, name)
      assert.equal(loaded.name, name.split('.')[0])
      assert.equal(loaded.policies.length, 5)
    })
  }

  it('a JSON file is a scenario like a YAML file', async () => {
    const json = file(
      'case.v2.json',
      '{ "$schema": "x", "title": "T", "source": { "capture": "c/a.pcap" }, "runs": 2 }',
    )
    const loaded = await loadScenario(json)
    assert.equal(loaded.name, 'case.v2')
    assert.equal(loaded.path, json)
    assert.equal(loaded.scenario.runs, 2)
    assert.equal(Object.hasOwn(loaded.scenario, '$schema'), false)
  })

  it("a scenario's capture starts at the scenario's folder, one behind --set at the current folder", () => {
    const text = 'source: { capture: captures/a.pcap }'
    const inFile = scenarioFromText(text, 'scenarios/x.yaml')
    assert.equal(inFile.capturePath, path.join('scenarios', 'captures', 'a.pcap'))
    assert.deepEqual((inFile.scenario.source as { capture: string }).capture, 'captures/a.pcap')
    assert.equal(
      scenarioFromText('source: { capture: /c/a.pcap }', 'scenarios/x.yaml').capturePath,
      '/c/a.pcap',
    )
    const typed = scenarioFromText(text, 'scenarios/x.yaml', { set: ['source.capture=b.pcap'] })
    assert.equal(typed.capturePath, 'b.pcap')
    assert.equal(scenarioFromText(SYNTHETIC, 'x.yaml').capturePath, undefined)
  })

  const useless: [what: string, make: () => string, line: string, exitCode: number][] = [
    [
      'a missing file',
      () => `${folder}/none.yaml`,
      '@/none.yaml: no such file - check the path (lanewise list scenarios)',
      1,
    ],
    [
      'a misspelt file',
      () => {
        file('sub/gateway.yaml', SYNTHETIC)
        return `${folder}/sub/gatway.yaml`
      },
      '@/sub/gatway.yaml: no such file - did you mean "gateway.yaml"?',
      1,
    ],
    ['a folder', () => folder, '@: is a folder - name a scenario or a capture in it', 1],
    [
      'random bytes',
      () => file('noise.yaml', Uint8Array.from([0x80, 0xff, 0, 1])),
      '@/noise.yaml: neither a scenario (YAML or JSON text) nor a capture (pcap, pcapng, or one of them compressed) - check the path',
      2,
    ],
    [
      'text with control characters',
      () => file('bell.yaml', 'a\u0007b'),
      '@/bell.yaml: neither a scenario (YAML or JSON text) nor a capture (pcap, pcapng, or one of them compressed) - check the path',
      2,
    ],
    [
      'an empty file',
      () => file('empty.yaml', ''),
      '@/empty.yaml: the scenario is empty - it needs at least a source (see lanewise list scenarios)',
      2,
    ],
  ]
  for (const [what, make, line, exitCode] of useless) {
    it(`${what} gets one clear line`, async () => {
      assert.deepEqual(await failure(() => loadScenario(make())), { lines: [line], exitCode })
    })
  }

  it('a file without permission gets one clear line', {
    skip: process.getuid?.() === 0 && 'root may read everything',
  }, async () => {
    const locked = file('locked.yaml', SYNTHETIC)
    chmodSync(locked, 0)
    const lines = ['@/locked.yaml: no permission to read it - check its mode with ls -l']
    assert.deepEqual(await failure(() => loadScenario(locked)), { lines, exitCode: 1 })
  })
})

describe('flags', () => {
  const effects: [flags: Overrides, text: string, expected: Partial<ScenarioInput>][] = [
    [
      { set: ['lanes.count=2'] },
      'lanes: { count: 8, speed: [1, 2] }',
      { lanes: { count: 2, speed: [1, 2] } },
    ],
    [{ set: ['lanes.service.jitter=none'] }, '', { lanes: { service: { jitter: 'none' } } }],
    [
      { set: ['lanes.service.jitter.lognormal.sigma=1'] },
      '',
      { lanes: { service: { jitter: { lognormal: { median: '15us', sigma: 1 } } } } },
    ],
    [
      { set: ['lanes.service.jitter.exponential.mean=5us'] },
      '',
      { lanes: { service: { jitter: { exponential: { mean: '5us' } } } } },
    ],
    [{ set: ['lanes.speed[0]=2'] }, '', { lanes: { speed: [2, 1, 1, 1] } }],
    [
      { set: ['lanes.speed.1=2', 'lanes.speed[2]=3'] },
      'lanes: { count: 3, speed: 0.5 }',
      { lanes: { count: 3, speed: [0.5, 2, 3] } },
    ],
    [
      { set: ['link.delay=[1ms,2ms]', 'lanes.count=2'] },
      '',
      { lanes: { count: 2 }, link: { delay: ['1ms', '2ms'] } },
    ],
    [{ set: ['reader.stage.total=12'] }, '', { reader: { stage: { total: 12 } } }],
    [
      { set: ['source.synthetic.flows.count=5'] },
      '',
      { source: { synthetic: { packetsPerSecond: 1000, flows: { count: 5 } } } },
    ],
    [
      { set: ['source.synthetic.sizes=imix', 'title=#1'] },
      '',
      { title: '#1', source: { synthetic: { packetsPerSecond: 1000, sizes: 'imix' } } },
    ],
    [
      { set: ['policies[3].flow-pinned.ttl=1s'], runs: 1 },
      'policies: [hash, random, any-idle, { flow-pinned: { ttl: 5s, key: 3-tuple } }]',
      { runs: 1, policies: ['hash', 'random', 'any-idle', { 'flow-pinned': { ttl: '1s', key: '3-tuple' } }] },
    ],
    [
      { set: ['policies[0].hash.key=symmetric'] },
      'policies: [hash]',
      { policies: [{ hash: { key: 'symmetric' } }] },
    ],
    [
      { policies: ['hash', 'random:weights=[1,1,1,1]'] },
      'policies: [any-idle]',
      { policies: ['hash', { random: { weights: [1, 1, 1, 1] } }] },
    ],
    [
      { runs: '3', seed: '7', duration: '2s', warmup: '1s' },
      '',
      { runs: 3, seed: 7, duration: '2s', warmup: '1s' },
    ],
    [{ runs: 3, seed: 'monday', set: ['runs=9'] }, '', { runs: 3, seed: 'monday' }],
  ]
  for (const [flags, text, expected] of effects) {
    it(`${JSON.stringify(flags)} over "${text}" is as if the file said so`, () => {
      const { scenario } = scenarioFromText(`${SYNTHETIC}${text}`, 'x.yaml', flags)
      const written = { source: { synthetic: { packetsPerSecond: 1000 } }, ...expected }
      assert.deepEqual(scenario, scenarioFromText(JSON.stringify(written), 'x.yaml').scenario)
    })
  }

  it('rescale a capture that is given alone', () => {
    const { scenario, capturePath } = captureAlone('c/office.pcap.gz', {
      set: ['source.packetsPerSecond=20000'],
    })
    assert.deepEqual(scenario.source, {
      capture: 'c/office.pcap.gz',
      speed: 1,
      loop: 1,
      packetsPerSecond: 20000,
      clock: 'poisson',
      sort: false,
      direction: 'both',
    })
    assert.equal(capturePath, 'c/office.pcap.gz')
  })

  it('name standard input as the capture, alone or in a file, and keep "-" as written', async () => {
    const alone = await loadScenario('-')
    assert.deepEqual([alone.capturePath, alone.name, alone.scenario.title], ['-', 'stdin', 'standard input'])
    assert.ok('capture' in alone.scenario.source && alone.scenario.source.capture === '-')
    const inFile = scenarioFromText('source: { capture: "-" }', 'folder/gateway.yaml')
    assert.deepEqual([inFile.capturePath, inFile.name], ['-', 'gateway'])
  })

  const blamed: [flags: Overrides, lines: string[]][] = [
    [
      { set: ['lanes.count=many'] },
      ['--set lanes.count=many: expected a whole number from 1 to 1024, got "many"'],
    ],
    [{ set: ['lanes.cuont=3'] }, ['--set lanes.cuont=3: unknown key - did you mean "count"?']],
    [
      { set: ['lanes={ count: x }'] },
      ['--set lanes={ count: x } lanes.count: expected a whole number from 1 to 1024, got "x"'],
    ],
    [
      { set: ['link.delay[1]=3'] },
      ['--set link.delay[1]=3: 3 has no unit - write it like "8us", "30ms" or "5s"'],
    ],
    [
      { set: ['lanes.speed=[1,2]'] },
      ['--set lanes.speed=[1,2]: has 2 values for 4 lanes - give one per lane, or a single one for all'],
    ],
    [
      { set: ['lanes.service.jitter.gamma.mean=1us'] },
      [
        '--set lanes.service.jitter.gamma.mean=1us lanes.service.jitter.gamma.shape: missing - expected a number from 0.01 to 1000000',
      ],
    ],
    [{ set: ['lanes'] }, ['--set lanes: no path=value - write it like --set lanes.count=8']],
    [
      { set: ['=3', 'a..b=3', '__proto__.x=1', 'lanes.speed[99999]=1'] },
      ['=3', 'a..b=3', '__proto__.x=1', 'lanes.speed[99999]=1'].map(
        (text) => `--set ${text}: no path=value - write it like --set lanes.count=8`,
      ),
    ],
    [
      { set: ['lanes.speed=[1'] },
      ['--set lanes.speed=[1: [1 is not a list or map - close every bracket and quote'],
    ],
    [{ runs: '0' }, ['-r 0: expected a whole number from 1 to 100000, got 0']],
    [{ runs: 'many' }, ['-r many: expected a whole number from 1 to 100000, got "many"']],
    [{ duration: '5' }, ['-d 5: 5 has no unit - write it like "8us", "30ms" or "5s"']],
    [
      { warmup: '1min' },
      ['-w 1min: 1min leaves nothing of the duration of 10s - shorten it, or lengthen the duration'],
    ],
    [
      { policies: ['flow-pined'] },
      ['-p flow-pined: unknown policy "flow-pined" - did you mean "flow-pinned"? (lanewise list policies)'],
    ],
    [{ policies: ['flow-pinned:tll=5s'] }, ['-p flow-pinned:tll=5s tll: unknown key - did you mean "ttl"?']],
    [
      { policies: ['hash', 'flow-pinned:ttl=5'] },
      ['-p flow-pinned:ttl=5 ttl: 5 has no unit - write it like "8us", "30ms" or "5s"'],
    ],
    [{ policies: ['hash', 'hash'] }, ['-p hash: "hash" is listed twice - remove one of the two']],
    [
      { policies: ['flow-pinned:ttl=5s,key=3-tuple', 'flow-pinned:key=3-tuple,ttl=5s'] },
      [
        '-p flow-pinned:key=3-tuple,ttl=5s: "flow-pinned:key=3-tuple,ttl=5s" is listed twice - remove one of the two',
      ],
    ],
    [
      { policies: ['random:weights=3:1'] },
      ['-p random:weights=3:1: 2 weights for 4 lanes - give one weight per lane'],
    ],
    [
      { policies: [':x', 'hash:y'] },
      [
        '-p :x: names no policy - write it like -p hash (lanewise list policies)',
        '-p hash:y: "y" is not key=value - write it like -p hash:key=value',
      ],
    ],
  ]
  for (const [flags, lines] of blamed) {
    it(`${JSON.stringify(flags)} is blamed by its own words`, async () => {
      assert.deepEqual(await failure(() => scenarioFromText(SYNTHETIC, 'x.yaml', flags)), {
        lines,
        exitCode: 2,
      })
    })
  }

  it('are never answered with anything but a user error', () => {
    const step = fc.constantFrom(
      'lanes',
      'speed',
      'service',
      'jitter',
      'policies',
      'hash',
      'source',
      'synthetic',
    )
    const index = fc.constantFrom('[0]', '.1', '[9999]', '.__proto__', '.')
    const key = fc.array(fc.oneof(step, index), { maxLength: 5 }).map((steps) => steps.join('.'))
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('5', '[1,2]', '{a: 1}', 'none', '[', 'null', '&a [*a]'),
    )
    const set = fc.oneof(
      fc.string(),
      fc.tuple(key, value).map((parts) => parts.join('=')),
    )
    const name = fc.constantFrom('hash', 'random:weights=', 'flow-pinned:ttl=', 'x:', '')
    const policy = fc.tuple(name, value).map((parts) => parts.join(''))
    const flags = fc.record(
      { set: fc.array(set), policies: fc.array(policy), runs: value, seed: value, warmup: value },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(flags, (given) => {
        try {
          scenarioFromText(SYNTHETIC, 'x.yaml', given)
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          assert.ok(error.lines.length > 0)
        }
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it('come behind the mistakes of the file, all of them at once', async () => {
    const text = `${SYNTHETIC}lanes: { count: 2, speed: [1, 2, 3] }\nruns: no\n`
    const flags = { set: ['lanes.queue.onFull=halt'], policies: ['hsah'], seed: 1.5 }
    assert.deepEqual(await failure(() => scenarioFromText(text, 'x.yaml', flags)), {
      lines: [
        'x.yaml:2:27 lanes.speed: has 3 values for 2 lanes - give one per lane, or a single one for all',
        'x.yaml:3:7 runs: expected a whole number from 1 to 100000, got "no"',
        '--set lanes.queue.onFull=halt: expected "drop" or "hold", got "halt" - did you mean "hold"?',
        '-p hsah: unknown policy "hsah" - did you mean "hash"? (lanewise list policies)',
        '--seed 1.5: expected a whole number or text, got 1.5',
      ],
      exitCode: 2,
    })
  })
})

describe('a place in a loaded scenario', () => {
  it('is its position in the file, or the flag that set it', () => {
    const text = 'source:\n  capture: a.pcap\nruns: 3\n'
    const { where } = scenarioFromText(text, 'x.yaml', { set: ['lanes.count=2'] })
    assert.equal(where(['source', 'capture']), 'x.yaml:2:12 source.capture')
    assert.equal(where(['lanes', 'count']), '--set lanes.count=2')
    assert.equal(captureAlone('a.pcap').where(['source', 'capture']), 'a.pcap source.capture')
  })
})
