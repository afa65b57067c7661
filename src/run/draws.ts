/**
 * What is drawn at random for every packet, in source order and before anything can drop it: the random part
 * of its work, the wake-up it would cause, its delay and its fate on the link. Each has a stream of its own,
 * so switching one on shifts no other.
 */
import type { PacketChunk } from '../model/packets/chunk.ts'
import type { Scenario } from '../scenario/schema/schema.ts'
import type { Sampler } from '../sim/distributions/distribution.ts'
import { distributions } from '../sim/distributions/index.ts'
import type { Random } from '../sim/random.ts'
import { DURATION_NS_MAX } from '../units.ts'

/** A distribution as a scenario names it, or none. */
type TimeSpec = Scenario['lanes']['wakeUp']

/**
 * Fills the drawn columns of the chunks of one run, in turn.
 * @param isCalibrated service comes from a calibration: the packet's draw for it is uniform, and holds its
 * wake-up
 */
export function drawsOf(
  scenario: Scenario,
  stream: (name: string) => Random,
  isCalibrated = false,
): (chunk: PacketChunk) => void {
  const { lanes, link, receiver } = scenario
  const work: Sampler | undefined = isCalibrated
    ? stream('work')
    : samplerOrNone(lanes.service.jitter, () => stream('work'))
  const wakeUp = isCalibrated ? undefined : samplerOrNone(lanes.wakeUp, () => stream('wake-up'))
  const delay = samplerOrNone(link.jitter, () => stream('link delay'))
  const loses = Array.isArray(link.loss) ? link.loss.some((loss) => loss > 0) : link.loss > 0
  const loss = loses ? stream('link loss') : undefined
  const farWork = receiver && samplerOrNone(receiver.service.jitter, () => stream('receiver work'))
  const farWakeUp = receiver && samplerOrNone(receiver.wakeUp, () => stream('receiver wake-up'))
  const hasReceivers = farWork !== undefined || farWakeUp !== undefined
  const hasDetours = wakeUp !== undefined || delay !== undefined || loss !== undefined
  return (chunk) => {
    const { count, serviceDraw, wakeUpNs, linkJitterNs, linkLossDraw } = chunk
    chunk.hasDetours = hasDetours
    chunk.hasReceivers = hasReceivers
    if (work?.fill !== undefined) work.fill(serviceDraw, count)
    else if (work !== undefined) for (let i = 0; i < count; i++) serviceDraw[i] = work()
    if (wakeUp !== undefined) for (let i = 0; i < count; i++) wakeUpNs[i] = Math.round(wakeUp())
    if (delay !== undefined) for (let i = 0; i < count; i++) linkJitterNs[i] = delay()
    if (loss !== undefined) for (let i = 0; i < count; i++) linkLossDraw[i] = loss()
    if (!hasReceivers) return
    const { receiverDraw, receiverWakeUpNs } = chunk
    if (farWork !== undefined) for (let i = 0; i < count; i++) receiverDraw[i] = farWork()
    if (farWakeUp !== undefined) for (let i = 0; i < count; i++) receiverWakeUpNs[i] = Math.round(farWakeUp())
  }
}

/** Does the scenario draw any time at random? */
export function drawsRandomTimes({ lanes, link, cores, receiver }: Scenario): boolean {
  if (lanes.stalls !== 'none' || cores !== undefined) return true
  if (receiver !== undefined && receiver.stalls !== 'none') return true
  if (Array.isArray(link.loss) ? link.loss.some((loss) => loss > 0) : link.loss > 0) return true
  const times = [lanes.service.jitter, lanes.wakeUp, link.jitter]
  if (receiver !== undefined) times.push(receiver.service.jitter, receiver.wakeUp)
  return times.some((spec) => spec !== 'none' && parsed(spec).distribution.usesRandom !== false)
}

/** The longest time that can be drawn, ns: 0 for none, Infinity where there is no bound. */
export function longestNs(spec: TimeSpec): number {
  if (spec === 'none') return 0
  const { distribution, parameters } = parsed(spec)
  return distribution.maxNs?.(parameters) ?? Number.POSITIVE_INFINITY
}

/** The mean of what is drawn, ns: 0 for none, Infinity where it has none. */
export function meanNs(spec: TimeSpec): number {
  if (spec === 'none') return 0
  const { distribution, parameters } = parsed(spec)
  return distribution.meanNs(parameters)
}

/** A sampler of the distribution that the scenario names; 0 for none. */
export function samplerOf(spec: TimeSpec, random: Random): Sampler {
  return samplerOrNone(spec, () => random) ?? (() => 0)
}

function samplerOrNone(spec: TimeSpec, random: () => Random): Sampler | undefined {
  if (spec === 'none') return undefined
  const { distribution, parameters } = parsed(spec)
  const draw = distribution.create(parameters, random())
  return longestNs(spec) <= DURATION_NS_MAX ? draw : withinClock(draw)
}

/** A heavy tail may draw times that no clock has; they end with the longest duration that there is. */
function withinClock(draw: Sampler): Sampler {
  const one = () => Math.min(draw(), DURATION_NS_MAX)
  const { fill } = draw
  if (fill === undefined) return one
  return Object.assign(one, {
    fill(outNs: Float64Array, count: number) {
      fill(outNs, count)
      for (let i = 0; i < count; i++) if (outNs[i]! > DURATION_NS_MAX) outNs[i] = DURATION_NS_MAX
    },
  })
}

function parsed(spec: Exclude<TimeSpec, 'none'>) {
  const [name, given] = Object.entries(spec)[0]!
  const distribution = distributions.get(name)!
  return { distribution, parameters: distribution.parameters.parse(given) }
}
