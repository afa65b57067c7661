/**
 * Whether the machine is meant for what a command asks for, before it begins: memory above 4 GB needs --yes,
 * a single run of more than a day is refused, and of a longer wait there is a line.
 */
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { UserError } from '../../errors.ts'
import { bytesText, spanText } from '../../report/parts/amounts.ts'
import { type Estimate, estimateOf } from '../../run/estimate.ts'
import type { ResolvedScenario } from '../../run/plan.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import { listed } from '../../traffic/capture/capture-files.ts'
import { counted } from '../../units.ts'
import { type ProcessIo, remark } from './process-io.ts'

const ASKED_FROM_BYTES = 4e9
const POINT_NS_MAX = 24 * 3600e9
const SAID_FROM_NS = 120e9

interface SizeOptions {
  readonly jobs?: number | undefined
  readonly yes?: true | undefined
  readonly quiet?: true | undefined
}

/** One thing to simulate, with its runs where they aren't the scenario's. */
type Sized = Pick<ResolvedScenario, 'scenario' | 'policies' | 'capturePath'> & {
  readonly runs?: number | undefined
}

/**
 * Says how long it will take where that is minutes. Throws a UserError (2) for what is too large.
 * @param points what is simulated, a scenario or a scan's points; runs of one point after the other
 */
export function checkSize(
  points: readonly Sized[],
  { jobs = availableParallelism(), yes, quiet }: SizeOptions,
  { stderr }: Pick<ProcessIo, 'stderr'>,
): void {
  let memoryBytes = 0
  let allNs = 0
  for (const point of points) {
    const estimate = estimateOf(point, {
      threads: jobs,
      captureBytes: captureBytes(point.capturePath),
      runs: point.runs,
    })
    refuseLong(estimate, point)
    memoryBytes = Math.max(memoryBytes, estimate.memoryBytes)
    allNs += estimate.runNs * estimate.runs
  }
  checkMemory(
    memoryBytes,
    'fewer packets, flows or runs (-d, -r), smaller windows, or fewer threads (-j)',
    yes,
  )
  const waitNs = allNs / Math.max(1, jobs)
  if (!quiet && waitNs >= SAID_FROM_NS) {
    remark(`this will take about ${spanText(waitNs)} (1 us per packet and policy)`, stderr)
  }
}

/** Of a packet to replay: its row, its record, and about as much for reading it. */
const REPLAYED_BYTES = 300

/** The same of the packets of a replay, which are all prepared before the first is sent. */
export function checkReplaySize(loaded: Sized, limit: number, yes: true | undefined): void {
  const { packets } = estimateOf(loaded, { threads: 1, captureBytes: captureBytes(loaded.capturePath) })
  checkMemory(Math.min(packets, limit) * REPLAYED_BYTES, 'fewer packets (--limit, --loop)', yes)
}

/** @param cure what to use instead */
function checkMemory(memoryBytes: number, cure: string, yes: true | undefined): void {
  if (memoryBytes <= ASKED_FROM_BYTES || yes) return
  throw new UserError(`would need about ${bytesText(memoryBytes)} of memory - use ${cure}, or say --yes`, 2)
}

function refuseLong({ runNs, packets }: Estimate, { policies }: Sized): void {
  if (runNs <= POINT_NS_MAX) return
  const work = `${counted(packets, 'packet')} for ${policies.length === 1 ? '1 policy' : `${policies.length} policies`}`
  throw new UserError(
    `a run of ${work} would take ${spanText(runNs)}, more than a day - use a lower rate or less time (-d)`,
    2,
  )
}

function captureBytes(path: ResolvedScenario['capturePath']): number {
  if (path === undefined) return 0
  return listed(path).reduce((sum, file) => {
    if (file === STANDARD_INPUT) return sum
    return sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
  }, 0)
}
