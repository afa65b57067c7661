/**
 * How long a packet can stay between the policy's choice and the moment after which nothing can overtake it:
 * the proof beside the smallest safe TTL. A flow that is placed anew after a silence of at least that length
 * has nothing left on its old lane (the flowlet condition: Sinha, Kandula, Katabi, HotNets 2004). With c
 * waiting places and work of at most w the stay is at most (c + 1) w: what is in service, c - 1 packets
 * ahead, the packet itself. Only a bound where everything on the way has one; otherwise the reasons why there
 * is none.
 */
import { serviceNs, workOnLane } from '../model/machine/service-time.ts'
import { longestNs } from '../run/draws.ts'
import { planOf, type ResolvedScenario } from '../run/plan.ts'

export interface LongestStay {
  readonly stayNs: number
  /** What it is the sum of: "8 packets of at most 100 us". */
  readonly workNsMax: number
  readonly packets: number
  /** Waking up, and what links can differ by. */
  readonly otherNs: number
}

/** With a TTL of at least `stayNs` no move can be unsafe, whatever the traffic. */
export interface Proof {
  readonly stayNs: number
  readonly workNsMax: number
  readonly packets: number
  readonly otherNs: number
  /** Silences inside table entries, at the source, and how many of them are shorter than the stay. */
  readonly gaps: number
  readonly gapsShorter: number
}

/** Why there is no proof, one reason each. */
export interface Unproven {
  /** What can take any time: then no TTL is safe for ever. */
  readonly unbounded: readonly string[]
  /** What the bound doesn't cover. */
  readonly notCovered: readonly string[]
}

/** @param sizeBytesMax of the packets; @returns the bound, or why there is none */
export function longestStay(resolved: ResolvedScenario, sizeBytesMax: number): LongestStay | Unproven {
  const { scenario, calibration } = resolved
  const settings = planOf(resolved).settings(0)
  const { lanes, link, reader } = settings
  const serviceDraw = longestNs(scenario.lanes.service.jitter)
  const wakeUpNs = longestNs(scenario.lanes.wakeUp)
  const linkJitterNs = longestNs(scenario.link.jitter)
  const unbounded: string[] = []
  const notCovered: string[] = []
  if (calibration !== undefined) notCovered.push('service is from a calibration')
  if (serviceDraw === Number.POSITIVE_INFINITY)
    unbounded.push(`work has no bound (${nameOf(scenario.lanes.service.jitter)})`)
  if (wakeUpNs === Number.POSITIVE_INFINITY)
    unbounded.push(`waking up has no bound (${nameOf(scenario.lanes.wakeUp)})`)
  if (scenario.lanes.stalls !== 'none') unbounded.push('stalls come at random, any number of them in a row')
  if (lanes.capacityPackets === Number.POSITIVE_INFINITY) unbounded.push("lanes' queues have no bound")
  if (lanes.cores !== undefined || settings.cores !== undefined) notCovered.push('lanes share cores')
  if (settings.receiver !== undefined) notCovered.push('packets wait for threads at the far end')
  if (link.stream !== undefined) notCovered.push('packets wait for others of their connection')
  if (reader.stage !== undefined) notCovered.push('packets wait in the stage')
  if (linkJitterNs === Number.POSITIVE_INFINITY)
    unbounded.push(`link delay has no bound (${nameOf(scenario.link.jitter)})`)
  if (link.rateBps.some((rateBps) => rateBps !== Number.POSITIVE_INFINITY))
    unbounded.push('packets queue at links of limited rate')
  if (settings.release?.at === 'sender') notCovered.push('packets wait to be released in front of the links')
  if (unbounded.length + notCovered.length > 0) return { unbounded, notCovered }
  const services = lanes.speed.map((speed, lane) =>
    serviceNs(workOnLane(lanes, lane), speed, sizeBytesMax, serviceDraw),
  )
  const workNsMax = Math.max(...services)
  // A packet that its full lane is waited for is chosen one service earlier.
  const packets = lanes.capacityPackets + (lanes.onFull === 'hold' ? 2 : 1)
  const otherNs = Math.round(wakeUpNs) + Math.max(...link.delayNs) - Math.min(...link.delayNs) + linkJitterNs
  return { stayNs: packets * workNsMax + otherNs, workNsMax, packets, otherNs }
}

function nameOf(spec: 'none' | Readonly<Record<string, unknown>>): string {
  return Object.keys(spec)[0]!
}
