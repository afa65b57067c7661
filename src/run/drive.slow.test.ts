/**
 * Traffic that reacts, and traffic that doesn't, asked in windows of any length up to its lookahead: the same
 * packets, whatever the window and whichever path the pipeline takes.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyRun } from '../metrics/result.ts'
import type { Observer } from '../model/observer.ts'
import { CHUNK_PACKETS, type PacketChunk } from '../model/packets/chunk.ts'
import type { Deliveries } from '../model/packets/deliveries.ts'
import { FlowTable } from '../model/packets/flow-table.ts'
import type { Traffic } from '../model/packets/traffic.ts'
import { policiesOf } from '../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { type Plan, planOf } from './plan.ts'
import { simulateRun } from './simulate-run.ts'

const RETURN_NS = 300_000
const POLICIES = ['round-robin', 'any-idle', 'hash', 'flow-pinned', 'least-loaded', 'flowlet']

function plan(input: Partial<ScenarioInput>): Plan {
  const source = { synthetic: { packetsPerSecond: 60_000, flows: { count: 40 } } }
  const whole = { source, policies: POLICIES, duration: '60ms', warmup: '5ms', runs: 1, ...input }
  const scenario = scenarioSchema.parse(whole as ScenarioInput)
  return planOf({ scenario, policies: policiesOf(scenario) })
}

/** The scenarios that are tried: with the fast path, and with parts of which it knows nothing. */
const machines: Readonly<Record<string, Partial<ScenarioInput>>> = {
  plain: {},
  'full queues': { lanes: { queue: { capacityPackets: 3, onFull: 'hold' } } },
  'drops at lanes': { lanes: { queue: { capacityPackets: 1, onFull: 'drop' } } },
  'a reader that takes time, links with delay': {
    reader: { perPacket: '2us' },
    link: { delay: '200us', jitter: { uniform: { low: '0us', high: '90us' } } },
  },
  'stalls and a release': {
    lanes: { stalls: { perSecond: 100, length: { constant: '300us' } } },
    release: { sequence: { timeout: '2ms' } },
  },
  'shared cores, a stage, early idle and receivers': {
    reader: { perPacket: '1us', stage: { perLane: 1, total: 4 }, whenLaneBusy: 'spin' },
    // No packet is so long on its way that senders below would believe it lost.
    cores: { count: 3, timeSlice: '300us' },
    lanes: {
      idleAt: 'start-of-write',
      service: { perByte: '0ns', write: '3us', jitter: { exponential: { mean: '5us' } } },
    },
    receiver: {
      service: { fixed: '4us', perByte: '0ns', jitter: { exponential: { mean: '4us' } } },
      wakeUp: { exponential: { mean: '5us' } },
    },
    link: { delay: '50us' },
  },
  'streams of bytes': { link: { delay: '30us', stream: { pingpong: [true, false, false, true] } } },
}

for (const [name, machine] of Object.entries(machines)) {
  test(`traffic that hears nothing is the same in windows of any length: ${name}`, async () => {
    const whole = await simulateRun(plan(machine), 0)
    for (const { error } of whole.policies) assert.equal(error, null)
    for (const windowNs of [5e9, 777_777, 40_000, 3_000.5]) {
      assert.deepEqual(await simulateRun(plan(machine), 0, { windowNs }), whole, `${windowNs} ns`)
    }
  })
}

/**
 * Senders with a fixed window each: a packet is sent when the way back has told of one delivered, or again
 * when nothing was heard for long. `tag` counts what was sent.
 */
class WindowSenders implements Traffic {
  readonly lookaheadNs = RETURN_NS
  readonly firstNs = 0
  readonly flows = new FlowTable()
  private readonly due: Array<{ timeNs: number; flow: number }> = []
  private readonly timerNs: number[] = []
  private readonly endNs: number
  private readonly log: number[]
  private horizonNs = 0
  private sent = 0

  constructor(senders: number, windowPackets: number, endNs: number, log: number[] = []) {
    this.endNs = endNs
    this.log = log
    for (let i = 0; i < senders; i++) {
      this.flows.key.fill(0)
      this.flows.key.set([0x0a090001 + i], 0)
      this.flows.key.set([0x0a090002], 4)
      const flow = this.flows.intern(4, 6, 40_000 + i, 5201)
      this.timerNs.push(Number.POSITIVE_INFINITY)
      for (let k = 0; k < windowPackets; k++) this.due.push({ timeNs: 1000 * (7 * i + k), flow })
    }
  }

  get nextNs(): number {
    const nextNs = Math.min(...this.timerNs, ...this.due.map(({ timeNs }) => timeNs))
    return nextNs < this.endNs ? nextNs : Number.POSITIVE_INFINITY
  }

  fill(chunk: PacketChunk, horizonNs: number): void {
    this.horizonNs = horizonNs
    chunk.hasTags = true
    for (let nowNs = this.nextNs; nowNs < horizonNs && chunk.count < CHUNK_PACKETS; nowNs = this.nextNs) {
      for (const [flow, timerNs] of this.timerNs.entries()) {
        if (timerNs === nowNs) this.due.push({ timeNs: nowNs, flow })
      }
      this.due.sort((a, b) => a.timeNs - b.timeNs || a.flow - b.flow)
      const { flow } = this.due.shift()!
      this.timerNs[flow] = nowNs + 5e6
      const i = chunk.count++
      chunk.arrivalNs[i] = nowNs
      chunk.flow[i] = flow
      chunk.sizeBytes[i] = 1500
      chunk.payloadBytes[i] = 1448
      chunk.tcpFlags[i] = 0x10
      chunk.tag[i] = this.sent++
    }
  }

  hear({ count, flow, departureNs, tag }: Deliveries): void {
    for (let i = 0; i < count; i++) {
      this.log.push(tag[i]!, departureNs[i]!)
      assert.ok(departureNs[i]! < this.horizonNs)
      // Heard too late where it was asked for too much at once.
      const timeNs = Math.max(this.horizonNs, departureNs[i]! + RETURN_NS)
      this.due.push({ timeNs, flow: flow[i]! })
      this.timerNs[flow[i]!] = timeNs + 5e6
    }
  }

  async close(): Promise<void> {}
}

interface Heard {
  /** Per policy, of every packet that it delivered: tag and time, as its senders heard of them. */
  readonly logs: Record<string, number[]>
  readonly policies: readonly PolicyRun[]
}

/** @param observer with one, runs take the general path; without, the fast one where it applies */
async function heard(
  machine: Partial<ScenarioInput>,
  windowNs?: number,
  observer?: Observer,
): Promise<Heard> {
  const logs: number[][] = []
  const reacting: Plan = {
    ...plan({ ...machine, warmup: '0s' }),
    openTraffic: async () => {
      const log: number[] = []
      logs.push(log)
      return new WindowSenders(12, 6, 40e6, log)
    },
    durationNs: Number.POSITIVE_INFINITY,
  }
  const observe = observer && (() => observer)
  const { policies } = await simulateRun(reacting, 0, { windowNs, observe })
  for (const { error } of policies) assert.equal(error, null)
  return { logs: Object.fromEntries(POLICIES.map((policy, i) => [policy, logs[i]!])), policies }
}

/** An observer that has to hear everything in its order, so that runs take the general path. */
const everything: Observer = { onArrival() {} }

for (const [name, machine] of Object.entries(machines)) {
  test(`senders that react give the same results for every window up to the way back: ${name}`, async () => {
    const whole = await heard(machine)
    const { logs } = whole
    for (const policy of POLICIES)
      assert.ok(logs[policy]!.length > 2000, `${policy}: ${logs[policy]!.length}`)
    for (const windowNs of [RETURN_NS / 2, RETURN_NS / 3, 3000, 2999.5]) {
      assert.deepEqual(await heard(machine, windowNs), whole, `${windowNs} ns`)
    }
    assert.deepEqual(await heard(machine, RETURN_NS, everything), whole, 'general path')
    assert.deepEqual(await heard(machine, RETURN_NS / 7, everything), whole, 'general path, short windows')
    for (const [i, policy] of POLICIES.entries()) {
      for (const other of POLICIES.slice(i + 1)) {
        assert.notDeepEqual(logs[policy], logs[other], `${policy} and ${other}`)
      }
    }
    const tooLong = await heard(machine, 2 * RETURN_NS)
    for (const policy of POLICIES) assert.notDeepEqual(tooLong.logs[policy], logs[policy], policy)
  })
}

test('senders that react send otherwise than senders that hear nothing', async () => {
  const deaf: Plan = {
    ...plan({ warmup: '0s' }),
    openTraffic: async () => Object.assign(new WindowSenders(12, 6, 40e6), { hear: undefined }),
  }
  const { policies } = await simulateRun(deaf, 0)
  // A window of 6 from each of 12 senders, and one packet each whenever nothing was heard for 5 ms: 7 times.
  for (const { metrics } of policies) assert.equal(metrics.packets, 12 * 6 + 12 * 7)
  for (const { metrics } of (await heard({})).policies) assert.ok((metrics.packets as number) > 1000)
})
