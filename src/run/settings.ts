/**
 * From a scenario's text to the numbers that pipelines take: units parsed, single values spread over the
 * lanes.
 */
import type { LaneSettings } from '../model/machine/lane.ts'
import type { LinkSettings } from '../model/machine/link.ts'
import type { ReceiverSettings } from '../model/machine/receivers.ts'
import { Stalls } from '../model/machine/stalls.ts'
import type { MachineSettings } from '../model/pipeline-settings.ts'
import { SequenceRelease } from '../model/release/sequence.ts'
import { TurnsRelease } from '../model/release/turns.ts'
import { WindowRelease } from '../model/release/window.ts'
import type { MeasuredLanes } from '../scenario/schema/calibration.ts'
import type { Scenario } from '../scenario/schema/schema.ts'
import { exponentialDraws } from '../sim/exponential.ts'
import type { Random } from '../sim/random.ts'
import { parseDurationNs, parseFineDurationNs } from '../units.ts'
import { calibrated } from './calibration.ts'
import { samplerOf } from './draws.ts'

/**
 * @param stream the named random streams of the run: the stalls are drawn from them
 * @param calibration what was measured, in place of what the scenario says
 */
export function settingsOf(
  scenario: Scenario,
  stream: (name: string) => Random,
  calibration?: MeasuredLanes,
): MachineSettings {
  const { topology } = scenario
  const asWritten = dispatcherSettings(scenario, stream)
  const settings =
    calibration === undefined ? asWritten : calibrated(asWritten, calibration, topology, stream)
  return topology === 'dispatcher' ? settings : withoutReader(settings, topology)
}

/**
 * Lanes that read for themselves: they pay what the reader would, per packet, and nothing stands between
 * queue and lane. `shared` is then any-idle, longest idle first, on the one TUN queue; with `multi-queue`
 * each lane's queue is a TUN queue, and what it drops is dropped by the TUN device.
 */
function withoutReader(settings: MachineSettings, topology: 'shared' | 'multi-queue'): MachineSettings {
  const { reader, lanes, tunQueue } = settings
  const readNs = reader.perPassNs + reader.perPacketNs
  const { measured } = lanes
  const reading: LaneSettings = {
    ...lanes,
    fixedNs: lanes.fixedNs.map((ns) => ns + readNs),
    measured: measured && {
      idleNs: (...of) => readNs + measured.idleNs(...of),
      busyNs: (...of) => readNs + measured.busyNs(...of),
    },
  }
  const free = { perPacketNs: 0, perPassNs: 0, batch: 1 }
  if (topology === 'shared') return { ...settings, reader: free, lanes: reading }
  return {
    ...settings,
    reader: free,
    tunQueue: { capacityPackets: Number.POSITIVE_INFINITY, onFull: 'drop' },
    lanes: { ...reading, capacityPackets: tunQueue.capacityPackets, onFull: 'drop' },
    dropsAt: 'tun',
  }
}

function dispatcherSettings(scenario: Scenario, stream: (name: string) => Random): MachineSettings {
  const { reader, tunQueue, lanes, link, release, receiver } = scenario
  return {
    tunQueue: { capacityPackets: numberOf(tunQueue.capacityPackets), onFull: tunQueue.onFull },
    reader: {
      perPacketNs: parseDurationNs(reader.perPacket),
      perPassNs: parseDurationNs(reader.perPass),
      batch: reader.batch,
      feedbackDelayNs: parseDurationNs(reader.feedbackDelay),
      stage: reader.stage === 'off' ? undefined : reader.stage,
      spins: reader.whenLaneBusy === 'spin',
    },
    lanes: laneSettings(lanes, stream),
    link: linkSettings(link, lanes.count),
    cores: coreSettings(scenario, stream),
    receiver: receiver && receiverSettings(receiver, lanes.count, stream),
    release: releaseSettings(release),
    returnLane: returnLaneOf(scenario.source.direction),
  }
}

function laneSettings(lanes: Scenario['lanes'], stream: (name: string) => Random): LaneSettings {
  const { count, cores, timeSlice, speed, service, queue, stalls, idleAt } = lanes
  const writeNs = parseDurationNs(service.write ?? '0ns')
  const shared = cores === 'all' || cores >= count ? undefined : cores
  return {
    count,
    speed: perLane(speed, count),
    fixedNs: perLane(service.fixed, count).map(parseDurationNs),
    perByteNs: perLane(service.perByte, count).map(parseFineDurationNs),
    capacityPackets: numberOf(queue.capacityPackets),
    onFull: queue.onFull,
    cores: shared === undefined ? undefined : { count: shared, timeSliceNs: parseDurationNs(timeSlice) },
    idleWriteNs: idleAt === 'start-of-write' && writeNs > 0 ? perLane(writeNs, count) : undefined,
    stalls: stalls === 'none' ? undefined : (lane) => stallsOf(stalls, stream(`stalls ${lane}`)),
  }
}

function receiverSettings(
  { assign, count: given, speed, service, stalls }: Exclude<Scenario['receiver'], undefined>,
  lanes: number,
  stream: (name: string) => Random,
): ReceiverSettings {
  const count = assign === 'own' ? lanes : (given ?? lanes)
  return {
    count,
    assign,
    speed: perLane(speed, count),
    fixedNs: perLane(service.fixed, count).map(parseDurationNs),
    perByteNs: perLane(service.perByte, count).map(parseFineDurationNs),
    stalls: stalls === 'none' ? undefined : (thread) => stallsOf(stalls, stream(`receiver stalls ${thread}`)),
  }
}

function coreSettings(
  { cores, topology }: Scenario,
  stream: (name: string) => Random,
): MachineSettings['cores'] {
  if (cores === undefined) return undefined
  return {
    count: cores.count,
    timeSliceNs: parseDurationNs(cores.timeSlice),
    staysRatio: cores.wakeOnSameCore,
    pullsRatio: cores.takeOver,
    hasReader: topology === 'dispatcher',
    drawsOf: () => stream('cores'),
  }
}

function stallsOf(stalls: Exclude<Scenario['lanes']['stalls'], 'none'>, random: Random): Stalls {
  const meanGapNs = 1e9 / stalls.perSecond
  const exponential = exponentialDraws(random)
  return new Stalls(() => exponential() * meanGapNs, samplerOf(stalls.length, random))
}

function linkSettings(link: Scenario['link'], lanes: number): LinkSettings {
  return {
    perLane: link.perLane,
    delayNs: perLane(link.delay, lanes).map(parseDurationNs),
    rateBps: perLane(link.rateBps, lanes).map(numberOf),
    lossRatio: perLane(link.loss, lanes),
    keepsOrder: link.keepsOrder,
    hasJitter: link.jitter !== 'none',
    stream: link.stream?.nagle
      ? { ...link.stream, pingpong: perLane(link.stream.pingpong, lanes) }
      : undefined,
  }
}

function releaseSettings(release: Scenario['release']): MachineSettings['release'] {
  if (release === 'none') return undefined
  if ('sequence' in release) {
    const { timeout, bound, at } = release.sequence
    const timeoutNs = timeout === 'never' ? Number.POSITIVE_INFINITY : parseDurationNs(timeout)
    const settings = { timeoutNs, boundPackets: numberOf(bound) }
    return { at, create: (host) => new SequenceRelease(settings, host) }
  }
  if ('window' in release) {
    const { size, at } = release.window
    return { at, create: (host) => new WindowRelease(size, host) }
  }
  const { packets } = release.turns
  return { at: 'sender', create: (host, lanes) => new TurnsRelease(packets, host, lanes) }
}

function returnLaneOf(direction: Scenario['source']['direction']): MachineSettings['returnLane'] {
  return direction === 'both' ? undefined : direction.returnLane
}

function numberOf(value: number | 'unlimited'): number {
  return value === 'unlimited' ? Number.POSITIVE_INFINITY : value
}

function perLane<T>(value: T | readonly T[], lanes: number): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : new Array<T>(lanes).fill(value as T)
}
