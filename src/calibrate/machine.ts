/**
 * A machine as a calibration knows it: how the time that a packet takes is shared out, in numbers, and the
 * scenario that this is.
 */
import type { ScenarioInput } from '../scenario/schema/schema.ts'
import { writeDuration } from '../units.ts'

/** Where the part of a delay that differs from packet to packet is spent. */
export const PLACES = ['lane', 'wakeUp', 'receiver', 'link'] as const
export type Place = (typeof PLACES)[number]

/** What isn't fitted: how the system is built. */
export interface Structure {
  readonly lanes: number
  /** Cores that all threads share; undefined: each thread has its own. */
  readonly cores?: number | undefined
  /** Are there threads at the far end? undefined: as it fits best. */
  readonly hasReceiver?: boolean | undefined
  /** Keys that go with it: the reader's stage, when lanes say that they are idle. */
  readonly keys?: {
    readonly reader?: ScenarioInput['reader']
    readonly lanes?: ScenarioInput['lanes']
    readonly receiver?: ScenarioInput['receiver']
  }
  /** Part of a lane's time per packet in which it counts as idle already; undefined: as it fits best. */
  readonly writeRatio?: number | undefined
}

/** Times of one packet, ns. */
export interface Machine {
  /** On the way, whatever else is sent. */
  readonly linkNs: number
  readonly readerNs: number
  readonly laneNs: number
  readonly perByteNs: number
  readonly receiverNs: number
  /** What an idle lane takes to begin. */
  readonly wakeUpNs: number
  /** What is added, ascending, each for its share of packets ({@link JITTER_SHARES}). */
  readonly jitterNs: readonly number[]
  readonly jitterAt: Place
  /** As much of these times, 0..1, is added on the link as well, drawn for itself. */
  readonly linkJitterRatio: number
  /** Part of a lane's least time per packet in which it counts as idle already, 0..1. */
  readonly writeRatio: number
  readonly stalls?: Stalling | undefined
}

export interface Stalling {
  readonly perSecond: number
  /** Ascending, equally likely. */
  readonly lengthNs: readonly number[]
}

/**
 * Of all packets, those that each quantile of what is added stands for: finer in the tail, where few packets
 * are overtaken by many.
 */
export const JITTER_SHARES: readonly number[] = [
  ...new Array<number>(196).fill(0.005),
  ...new Array<number>(18).fill(0.001),
  ...new Array<number>(18).fill(0.0001),
  0.0002,
]

const text = (ns: number) => writeDuration(Math.max(0, Math.round(ns)))
const fineText = (ns: number) => `${Number(Math.max(0, ns).toPrecision(6))}ns`

function jitterOf(values: readonly number[]) {
  return values.every((value) => value < 0.5)
    ? ('none' as const)
    : { empirical: { values: values.map(text), weights: [...JITTER_SHARES] } }
}

function wakeUpOf({ wakeUpNs, jitterAt, jitterNs }: Machine) {
  if (jitterAt === 'wakeUp') return jitterOf(jitterNs.map((ns) => ns + wakeUpNs))
  return wakeUpNs < 0.5 ? ('none' as const) : { constant: { value: text(wakeUpNs) } }
}

/** The keys of a scenario that say what the machine is. */
export function machineKeys(machine: Machine, { lanes, cores, keys }: Structure) {
  const { linkNs, readerNs, laneNs, perByteNs, receiverNs, jitterAt, stalls, writeRatio } = machine
  const jitter = jitterOf(machine.jitterNs)
  const at = (place: Place) => (jitterAt === place ? jitter : ('none' as const))
  const onLink = machine.jitterNs.map((ns) => ns * machine.linkJitterRatio)
  const hasReceiver = receiverNs >= 0.5 || (jitterAt === 'receiver' && jitter !== 'none')
  return {
    reader: { ...keys?.reader, perPacket: text(readerNs) },
    lanes: {
      count: lanes,
      ...keys?.lanes,
      service: {
        fixed: text(laneNs),
        perByte: fineText(perByteNs),
        jitter: at('lane'),
        ...(writeRatio > 0 ? { write: text(laneNs * writeRatio) } : {}),
      },
      ...(writeRatio > 0 ? { idleAt: 'start-of-write' as const } : {}),
      wakeUp: keys?.lanes?.wakeUp ?? wakeUpOf(machine),
      stalls:
        stalls === undefined
          ? ('none' as const)
          : { perSecond: stalls.perSecond, length: { empirical: { values: stalls.lengthNs.map(text) } } },
    },
    ...(cores === undefined ? {} : { cores: { count: cores } }),
    ...(hasReceiver
      ? {
          receiver: {
            ...keys?.receiver,
            service: { fixed: text(receiverNs), perByte: '0ns', jitter: at('receiver') },
          },
        }
      : {}),
    link: { delay: text(linkNs), jitter: machine.linkJitterRatio > 0 ? jitterOf(onLink) : at('link') },
  } satisfies Partial<ScenarioInput>
}
