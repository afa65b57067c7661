/**
 * A short stretch of a packet trace (`compare --trace`): the packets of the first run that were inside
 * between two moments, of a few policies. The file may be far larger than memory; it is read twice, once to
 * find the first overtaken packet where no moment was given.
 */
import { shown as asShown, UserError } from '../errors.ts'
import { formatDurationNs } from '../units.ts'
import { csvLines, fieldsOf } from './csv-rows.ts'

export interface TracedPacket {
  readonly policy: string
  readonly index: number
  readonly flow: string
  readonly sizeBytes: number
  readonly lane: number
  readonly arrivalNs: number
  /** At its lane. */
  readonly startNs: number
  readonly finishNs: number
  /** At the sink; null where the link lost it. */
  readonly departureNs: number | null
  readonly reordered: boolean
}

export interface TraceWindow {
  readonly path: string
  /** When the trace's first packet arrived: moments are told from there. */
  readonly firstNs: number
  readonly fromNs: number
  readonly toNs: number
  /** By policy, then in order of arrival. */
  readonly packets: readonly TracedPacket[]
  /** Policies of the trace that aren't in the window, because there were too many. */
  readonly policiesLeftOut: number
  /**
   * Where a policy had too many packets, the end that was asked for: the window ends with those that are
   * shown. null: all are.
   */
  readonly askedToNs: number | null
}

export interface WindowOptions {
  /** Beginning, ns after the trace's first packet; default: shortly before the first overtaken packet. */
  readonly fromNs?: number | undefined
  /** Length, ns; default: a few dozen packets. */
  readonly forNs?: number | undefined
  /** Only these policies. */
  readonly policies?: readonly string[] | undefined
}

const POLICIES_MAX = 4
const LANE_MAX = 65_535
/** Per policy. */
export const PACKETS_MAX = 400
/** Shown before and after the first overtaken packet, where nothing else is said. */
const PACKETS_BEFORE = 24
const PACKETS_AFTER = 24
/** And no more than so many median services, so that a bar is wide enough to be seen. */
const SERVICES_BEFORE = 9
const SERVICES_AFTER = 9

const COLUMNS = [
  'policy',
  'run',
  'index',
  'flow',
  'sizeBytes',
  'arrivalNs',
  'lane',
  'departureNs',
  'reordered',
  'startNs',
  'finishNs',
]

/** Does the file begin like a packet trace? */
export function isTrace(path: string): boolean {
  for (const line of csvLines(path)) return line.startsWith('policy,run,index,flow,')
  return false
}

/** Throws UserError where the file isn't a trace, or has nothing in the window. */
export function readTraceWindow(path: string, options: WindowOptions): TraceWindow {
  const found = options.fromNs === undefined ? firstOvertaken(path, options.policies) : undefined
  const firstNs = firstArrivalNs(path)
  const fromNs = options.fromNs === undefined ? found!.fromNs : firstNs + options.fromNs
  const toNs = options.forNs !== undefined ? fromNs + options.forNs : (found?.toNs ?? fromNs + 2e6)
  const packets: TracedPacket[] = []
  const counts = new Map<string, number>()
  const leftOut = new Set<string>()
  let firstLeftOutNs = Number.POSITIVE_INFINITY
  for (const packet of servedPackets(path, options.policies)) {
    if (packet.arrivalNs > toNs || packet.finishNs < fromNs || packet.startNs > toNs) continue
    const count = counts.get(packet.policy) ?? 0
    if (count === 0 && counts.size === POLICIES_MAX) leftOut.add(packet.policy)
    else if (count === PACKETS_MAX) firstLeftOutNs = Math.min(firstLeftOutNs, packet.startNs)
    else {
      counts.set(packet.policy, count + 1)
      packets.push(packet)
    }
  }
  if (packets.length === 0) {
    throw new UserError(
      `${path}: no packet was served in the ${formatDurationNs(toNs - fromNs)} from ${formatDurationNs(fromNs - firstNs)} on - see --from and --for`,
    )
  }
  const policiesLeftOut = leftOut.size
  if (firstLeftOutNs > toNs) return { path, firstNs, fromNs, toNs, packets, policiesLeftOut, askedToNs: null }
  // Up to there every policy has all its packets, so that no panel looks idle where it isn't.
  const shown = packets.filter(({ startNs }) => startNs < firstLeftOutNs)
  return { path, firstNs, fromNs, toNs: firstLeftOutNs, packets: shown, policiesLeftOut, askedToNs: toNs }
}

/** Of all the trace's packets, also of those that no lane served; 0 without any. */
function firstArrivalNs(path: string): number {
  let places: readonly number[] | undefined
  for (const line of csvLines(path)) {
    if (places !== undefined) return numberOf(path, 'arrivalNs', fieldsOf(line)[places[5]!])
    places = placesOf(path, line)
  }
  return 0
}

/** Around the first overtaken packet of the first policy that has one; the beginning where there is none. */
function firstOvertaken(path: string, policies: readonly string[] | undefined) {
  let earlier: TracedPacket[] = []
  const first: TracedPacket[] = []
  let victim: TracedPacket | undefined
  for (const packet of servedPackets(path, policies)) {
    if (earlier.length > 0 && earlier[0]!.policy !== packet.policy) earlier = []
    if (victim !== undefined) {
      // The packets that overtook it came later than it; a few more show how it goes on.
      if (packet.policy !== victim.policy || earlier.length >= PACKETS_BEFORE + PACKETS_AFTER) break
      earlier.push(packet)
      continue
    }
    earlier.push(packet)
    if (packet.reordered) victim = packet
    else if (earlier.length > PACKETS_BEFORE) earlier.shift()
    if (
      first.length < PACKETS_BEFORE + PACKETS_AFTER &&
      (first[0]?.policy ?? packet.policy) === packet.policy
    )
      first.push(packet)
  }
  const shown = victim === undefined ? first : earlier
  if (shown.length === 0) {
    throw new UserError(`${path}: no packet of the first run was served - name another trace or policy`)
  }
  const firstNs = shown.reduce((least, { startNs }) => Math.min(least, startNs), Number.POSITIVE_INFINITY)
  const lastNs = shown.reduce((most, { finishNs }) => Math.max(most, finishNs), 0)
  const centre = victim ?? shown[0]!
  const services = shown.map(({ startNs, finishNs }) => finishNs - startNs).sort((a, b) => a - b)
  const serviceNs = services[Math.floor(services.length / 2)]!
  return {
    fromNs: Math.max(firstNs, centre.startNs - SERVICES_BEFORE * serviceNs),
    toNs: Math.min(lastNs, centre.finishNs + SERVICES_AFTER * serviceNs),
  }
}

/** Packets of run 0 that a lane served, policy by policy, each in order of arrival. */
function* servedPackets(path: string, policies: readonly string[] | undefined): Generator<TracedPacket> {
  let places: readonly number[] | undefined
  for (const line of csvLines(path)) {
    if (places === undefined) {
      places = placesOf(path, line)
      continue
    }
    const fields = fieldsOf(line)
    const text = (column: number) => fields[places![column]!] ?? ''
    const number = (column: number, most?: number) => numberOf(path, COLUMNS[column]!, text(column), most)
    if (text(1) !== '0' || text(9) === '') continue
    if (policies !== undefined && !policies.includes(text(0))) continue
    yield {
      policy: text(0),
      index: number(2),
      flow: text(3),
      sizeBytes: number(4),
      arrivalNs: number(5),
      lane: number(6, LANE_MAX),
      departureNs: text(7) === '' ? null : number(7),
      reordered: text(8) === '1',
      startNs: number(9),
      finishNs: number(10),
    }
  }
}

/** Throws UserError for what no trace of ours holds. */
function numberOf(path: string, name: string, text = '', most = Number.MAX_SAFE_INTEGER): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value <= most) return value
  throw new UserError(`${path}: ${name} ${asShown(text)} is out of range - make the trace again`)
}

function placesOf(path: string, header: string): readonly number[] {
  const names = fieldsOf(header)
  const missing = COLUMNS.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    throw new UserError(
      `${path}: lacks ${missing.join(', ')} - it isn't a packet trace, or of an earlier lanewise: make one with lanewise compare SCENARIO --trace packets.csv`,
    )
  }
  return COLUMNS.map((name) => names.indexOf(name))
}
