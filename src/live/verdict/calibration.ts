/**
 * From one replay to a calibration: how long lanes took, apart for idle starts (nothing was in service when
 * the packet came) and busy ones, stalls, the reader's cost. A service is taken for stalled where it is
 * longer than usual, beyond the work that was asked of it, by more than five median services; it is left out
 * of the service times, and what it took longer is the stall's length. Services that depend on the packet's
 * size give a cost per byte.
 */
import { kolmogorovSmirnov } from '../../metrics/statistics/kolmogorov-smirnov.ts'
import type { MeasuredLanes } from '../../scenario/schema/calibration.ts'
import { reduced } from '../machine/quantiles.ts'
import type { Replayed } from './replayed.ts'
import { type Services, servicesOf } from './services.ts'
import { stallGroups } from './stalls.ts'

const STALL_MEDIANS = 5
/** Values that a list of times has at most. */
const TIMES_MAX = 2000
/** Fewer starts of a kind than this say nothing about it. */
const STARTS_MIN = 20
/**
 * Lanes differ when the distribution functions of their services are so far apart at some time, and not by
 * chance.
 */
const LANES_DISTANCE = 0.1
const LANES_CHANCE = 0.001
const COMPARED_MAX = 1000
/** Standard errors that the cost per byte must be away from 0. */
const SLOPE_ERRORS_MIN = 5

/**
 * @param scenario what was replayed, as reports name it
 * @throws Error for a record without served packets, or one that contradicts itself
 */
export function calibrate(replayed: Replayed, scenario: string): MeasuredLanes {
  const services = servicesOf(replayed)
  const { count, idleNs } = services
  if (count === 0) throw new Error(`record of ${replayed.label}: no lane has served a packet`)
  const idle = positions(count, (i) => idleNs[i]! > 0)
  const busy = positions(count, (i) => idleNs[i] === 0)
  const { stallNs, thresholdNs } = stallsOf(replayed, services, [idle, busy])
  const smooth = (list: readonly number[]) => list.filter((i) => stallNs[i] === 0)
  const kinds = [smooth(idle), smooth(busy)]
  const perByteNs = costPerByte(replayed, services, kinds)
  const restNs = (i: number) =>
    Math.max(0, services.serviceNs[i]! - perByteNs * replayed.record.sizeBytes[services.packet[i]!]!)
  return {
    recordedFrom: {
      scenario,
      policy: replayed.label,
      topology: replayed.topology,
      lanes: replayed.lanes,
      packets: replayed.record.packets,
      idleStarts: idle.length,
      busyStarts: busy.length,
      stalls: stallNs.reduce((sum, ns) => sum + (ns > 0 ? 1 : 0), 0),
    },
    service: { perByteNs, lanes: laneTimes(replayed.lanes, services, kinds, restNs) },
    stalls: stallGroups(services, stallNs, thresholdNs, replayed.lanes).map(
      ({ lanes, perSecond, lengthNs }) => ({
        lanes,
        perSecond,
        lengthNs: reduced(lengthNs, TIMES_MAX),
      }),
    ),
    reader: readerTimes(replayed, services),
    delivery: { afterFinishNsP50: deliveryNs(replayed, services) },
  }
}

/** Half of the values are at most this; NaN without values. */
function median(values: readonly number[]): number {
  return Float64Array.from(values).sort()[(values.length - 1) >> 1] ?? Number.NaN
}

function positions(count: number, holds: (i: number) => boolean): number[] {
  const list: number[] = []
  for (let i = 0; i < count; i++) if (holds(i)) list.push(i)
  return list
}

/** Per service how much of it was a stall, 0 for none; and what no stall is below. */
function stallsOf({ record }: Replayed, services: Services, kinds: readonly (readonly number[])[]) {
  const { count, serviceNs, packet } = services
  const thresholdNs = STALL_MEDIANS * median([...serviceNs])
  const stallNs = new Float64Array(count)
  for (const kind of kinds) {
    const beyondWork = kind.map((i) => serviceNs[i]! - record.workNs[packet[i]!]!)
    const usual = median(beyondWork)
    for (const [k, i] of kind.entries()) {
      const longer = beyondWork[k]! - usual
      if (longer > thresholdNs) stallNs[i] = longer
    }
  }
  return { stallNs, thresholdNs }
}

/** Least squares over both kinds of starts, each about its own mean; 0 where it can't be told from chance. */
function costPerByte(
  { record }: Replayed,
  services: Services,
  kinds: readonly (readonly number[])[],
): number {
  let xx = 0
  let xy = 0
  let yy = 0
  let freedom = -1
  for (const kind of kinds) {
    const size = kind.map((i) => record.sizeBytes[services.packet[i]!]!)
    const time = kind.map((i) => services.serviceNs[i]!)
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
    const [sizeMean, timeMean] = [mean(size), mean(time)]
    for (let k = 0; k < kind.length; k++) {
      const x = size[k]! - sizeMean
      const y = time[k]! - timeMean
      xx += x * x
      xy += x * y
      yy += y * y
    }
    freedom += kind.length - 1
  }
  if (xx === 0 || freedom < STARTS_MIN) return 0
  const slope = xy / xx
  const error = Math.sqrt(Math.max(0, yy - slope * xy) / freedom / xx)
  return slope > SLOPE_ERRORS_MIN * error ? slope : 0
}

/** Idle and busy times of all lanes together or, where lanes differ, of each. */
function laneTimes(
  lanes: number,
  { lane }: Services,
  [idle, busy]: readonly (readonly number[])[],
  restNs: (i: number) => number,
): MeasuredLanes['service']['lanes'] {
  const pooled = kindTimes(idle!, busy!, restNs)
  const perLane = Array.from({ length: lanes }, (_, l) => {
    const mine = (list: readonly number[]) => list.filter((i) => lane[i] === l)
    return { idle: mine(idle!), busy: mine(busy!) }
  })
  const differs = (kind: 'idle' | 'busy', all: readonly number[]) =>
    perLane.some((mine, l) => {
      const others = all.filter((i) => lane[i] !== l)
      return areApart(mine[kind].map(restNs), others.map(restNs))
    })
  if (!differs('busy', busy!) && !differs('idle', idle!)) return [pooled]
  return perLane.map((mine) => {
    const enough = mine.idle.length + mine.busy.length >= STARTS_MIN
    return enough ? kindTimes(mine.idle, mine.busy, restNs) : pooled
  })
}

/** A kind that hardly occurred has the times of the other. */
function kindTimes(idle: readonly number[], busy: readonly number[], restNs: (i: number) => number) {
  const [fewIdle, fewBusy] = [idle.length < STARTS_MIN, busy.length < STARTS_MIN]
  const times = (kind: readonly number[], isFew: boolean) =>
    reduced((isFew ? [...idle, ...busy] : kind).map(restNs), TIMES_MAX)
  return { idleNs: times(idle, fewIdle), busyNs: times(busy, fewBusy) }
}

function areApart(mine: readonly number[], others: readonly number[]): boolean {
  if (mine.length < STARTS_MIN || others.length < STARTS_MIN) return false
  const test = kolmogorovSmirnov(thinned(mine), thinned(others))!
  return test.distance > LANES_DISTANCE && test.pValue < LANES_CHANCE
}

function thinned(values: readonly number[]): number[] {
  const kept = Math.min(COMPARED_MAX, values.length)
  return Array.from({ length: kept }, (_, k) => values[Math.floor((k * values.length) / kept)]!)
}

/**
 * The reader's cost of a packet is the step from one to the next that was waiting already; only steps behind
 * packets that found their lane idle count, because behind others the reader may have waited for a lane.
 * Lanes that read for themselves have both in their service.
 */
function readerTimes(
  { topology, record }: Replayed,
  { count, packet, idleNs }: Services,
): MeasuredLanes['reader'] {
  const steps: number[] = []
  const transits: number[] = []
  if (topology === 'dispatcher') {
    for (let i = 1; i < count; i++) {
      const [before, row] = [packet[i - 1]!, packet[i]!]
      const beforeNs = record.readNs[before]!
      if (record.sentNs[row]! > beforeNs) transits.push(record.readNs[row]! - record.sentNs[row]!)
      else if (idleNs[i - 1]! > 0) steps.push(record.readNs[row]! - beforeNs)
    }
  }
  const known = (values: readonly number[]) => (values.length < STARTS_MIN ? null : median(values))
  return { perPacketNs: known(steps), afterSendNsP50: known(transits) }
}

function deliveryNs({ record }: Replayed, { packet }: Services): number | null {
  const lags: number[] = []
  for (const row of packet) {
    const ns = record.collectedNs[row]! - record.finishNs[row]!
    if (!Number.isNaN(ns)) lags.push(ns)
  }
  return lags.length === 0 ? null : median(lags)
}
