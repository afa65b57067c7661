/** Durations and warm-ups count from a capture's first packet; clocks keep the capture's whole seconds. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { simulateWithFiles } from '../node/simulate.ts'
import { policiesOf } from '../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { ethernet, ipv4, type MadeRecord, pcap, udp } from '../traffic/capture/captures.testing.ts'
import { planOf } from './plan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-first-'))
after(() => rmSync(folder, { recursive: true }))

/** Two packets every 10 ms, for 12 s from .936 s on. */
const capture = path.join(folder, 'made.pcap')
const FIRST_NS = 936_000_007
/** The host that packet i goes to: some of them rest for more than five seconds. */
function hostOf(i: number): number {
  const host = (i * 7) % 101
  const restsFrom = host * 10
  return i >= restsFrom && i < restsFrom + 1100 ? host & ~15 : host
}
writeFileSync(
  capture,
  pcap(
    Array.from({ length: 2400 }, (_, i): MadeRecord => {
      const ns = FIRST_NS + (i >> 1) * 10e6 + (i % 2) * 1000
      const packet = ipv4(17, udp(1, 2, 100 + (i % 7) * 200))
      packet[19] = 3 + hostOf(i)
      return {
        seconds: 1_700_000_000 + Math.floor(ns / 1e9),
        fraction: ns % 1e9,
        frame: ethernet(0x0800, packet),
      }
    }),
    { magic: 0xa1b23c4d },
  ),
)
const wholeSeconds: ScenarioInput['policies'] = [
  { 'openvpn-fork': { ttl: '5s', exception: 'none', cursor: 'free-running' } },
  { 'openvpn-fork': { ttl: '30s', exception: 'none', cursor: 'free-running' } },
  { 'linux-tun': { ageing: '3s' } },
]

interface Seen {
  readonly arrivalNs: number[]
  readonly lane: number[]
  readonly judged: boolean[]
}

/** What each policy decided about each packet. */
async function decisions(more: Partial<ScenarioInput>, policies: ScenarioInput['policies'] = wholeSeconds) {
  const scenario = scenarioSchema.parse({ runs: 1, source: { capture, sort: true }, policies, ...more })
  const seen = new Map<string, Seen>()
  const result = await simulateWithFiles(planOf({ scenario, policies: policiesOf(scenario) }), 0, {
    observe(label, store) {
      const own: Seen = { arrivalNs: [], lane: [], judged: [] }
      seen.set(label, own)
      return {
        onChoice(row) {
          own.arrivalNs.push(store.arrivalNs[row]!)
          own.lane.push(store.lane[row]!)
          own.judged.push(store.flowNumber[row]! >= 0)
        },
      }
    },
  })
  return { seen: [...seen.values()], result }
}

test('a duration ends so long after the first packet, and what is kept was decided as in the whole run', async () => {
  const whole = await decisions({})
  assert.equal(whole.seen[0]!.arrivalNs[0], FIRST_NS)
  for (const [duration, ns] of [
    ['1s', 1e9],
    ['7s', 7e9],
  ] as const) {
    const { seen } = await decisions({ duration })
    for (const [i, { arrivalNs, lane }] of seen.entries()) {
      const all = whole.seen[i]!
      const kept = all.arrivalNs.filter((arrival) => arrival < FIRST_NS + ns).length
      assert.ok(kept > 0 && kept < all.lane.length, duration)
      assert.deepEqual(arrivalNs, all.arrivalNs.slice(0, kept), duration)
      assert.deepEqual(lane, all.lane.slice(0, kept), `${duration}, policy ${i}`)
    }
  }
  const [short, long] = whole.seen
  const differsAt = short!.lane.findIndex((lane, i) => lane !== long!.lane[i])
  assert.ok(differsAt >= 0 && short!.arrivalNs[differsAt]! < FIRST_NS + 7e9, 'the TTL matters')
})

test('a warm-up leaves out what comes so soon after the first packet', async () => {
  const { seen, result } = await decisions({ warmup: '2s', duration: '3s' })
  const { arrivalNs, judged } = seen[0]!
  for (const [i, arrival] of arrivalNs.entries()) assert.equal(judged[i], arrival >= FIRST_NS + 2e9)
  const sent = result.policies[0]!.flows.reduce((sum, flow) => sum + flow.sent, 0)
  assert.equal(sent, judged.filter(Boolean).length)
})

test('speed, loop and a clock of its own move the first packet, and duration and warm-up with it', async () => {
  for (const [source, firstNs] of [
    [{ speed: 2 }, FIRST_NS / 2],
    [{ loop: 2 }, FIRST_NS],
    [{ packetsPerSecond: 2000 }, undefined],
  ] as const) {
    const { seen } = await decisions(
      { source: { capture, sort: true, ...source }, duration: '900ms', warmup: '300ms' },
      ['hash'],
    )
    const { arrivalNs, judged } = seen[0]!
    const first = arrivalNs[0]!
    if (firstNs !== undefined) assert.equal(first, Math.round(firstNs))
    assert.ok(arrivalNs.at(-1)! < first + 900e6 && arrivalNs.at(-1)! > first + 300e6)
    assert.equal(
      judged.indexOf(true),
      arrivalNs.findIndex((arrival) => arrival >= first + 300e6),
    )
  }
})

test('synthetic traffic counts from the start of the run', async () => {
  const source = { synthetic: { arrivals: 'periodic', packetsPerSecond: 100, flows: { count: 2 } } } as const
  const { seen } = await decisions({ source, duration: '1s', warmup: '500ms' }, ['hash'])
  const { arrivalNs, judged } = seen[0]!
  assert.ok(arrivalNs.at(-1)! < 1e9)
  assert.equal(
    judged.indexOf(true),
    arrivalNs.findIndex((arrival) => arrival >= 500e6),
  )
})
