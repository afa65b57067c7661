/** The verdict of a comparison with what only the command knows: what it rests on, and the next command. */
import { DROPS_WORTH_A_WORD } from '../../../metrics/catalogue/recommendable.ts'
import type { RunResult } from '../../../metrics/result.ts'
import { differenceOf } from '../../../metrics/statistics/comparison.ts'
import type { Verdict } from '../../../metrics/statistics/verdict.ts'
import { contendersOf, verdictOf } from '../../../metrics/statistics/verdict.ts'
import { type Fit, meanLoad, type ReportVerdict } from '../../../report/comparison/report.ts'
import type { ReportedPoint, ScanVerdict } from '../../../report/scan/scan-report.ts'
import type { TuneVerdict } from '../../../report/tune/tune-report.ts'
import { findPolicy } from '../../../scenario/known-policies.ts'
import type { CalibratedOn } from '../../../scenario/loaded-scenario.ts'
import { labelled } from '../../../scenario/policy-specs.ts'
import type { Tuning } from '../../../tune/tuning.ts'
import { type Change, nextCommand, type Question, tunableOf } from './question.ts'

export interface VerdictAbout {
  readonly question: Question
  readonly fits?: readonly Fit[] | undefined
  /** The key that sets the rate of this traffic. */
  readonly rateKey: string
  readonly calibratedOn?: CalibratedOn | undefined
}

export function reportVerdict(results: readonly RunResult[], about: VerdictAbout): ReportVerdict {
  const verdict = verdictOf(results)
  const load = meanLoad(results.map((result) => result.load))
  return {
    ...verdict,
    fits: about.fits ?? null,
    restsOn: { ...lanesOf(about), workNs: load.workNsMean, runs: results.length },
    next: nextOf(verdict, results, load.overlappingRatio === 0 ? load.packetsPerSecondAtLoad70 : null, about),
  }
}

function lanesOf({
  calibratedOn,
}: VerdictAbout): Pick<ReportVerdict['restsOn'], 'lanes' | 'file' | 'calibration'> {
  if (calibratedOn === undefined) return { lanes: 'assumed', file: null }
  return { lanes: 'calibrated', ...restsOnCalibration(calibratedOn) }
}

/** Which calibration, as reports have it. */
export function restsOnCalibration({
  file,
  builtLike,
  sha256,
  missRatioMax,
}: CalibratedOn): Pick<ReportVerdict['restsOn'], 'file' | 'calibration'> {
  const like = builtLike === undefined ? {} : { builtLike }
  return { file, calibration: { sha256, missRatioMax, ...like } }
}

/** @param busierPps a rate at which packets would overlap, where they don't */
function nextOf(
  { kind, policies, price }: Verdict,
  results: readonly RunResult[],
  busierPps: number | null,
  { question, fits, rateKey, calibratedOn }: VerdictAbout,
): string[][] {
  if (kind === 'failed') return [nextCommand('compare', question, { more: ['-v'] })]
  if (kind === 'drops-first') {
    const fitting = Math.max(0, ...(fits ?? []).map(({ packetsPerSecond }) => packetsPerSecond ?? 0))
    if (fitting === 0) return [nextCommand('compare', question, { more: ['--fits'] })]
    return [nextCommand('compare', question, { sets: [`${rateKey}=${Math.floor(fitting)}`] })]
  }
  if (kind === 'cannot-tell') {
    const [one, ...others] = contendersOf(results).map(({ label }) => label)
    if (one === undefined) return []
    if (others.length === 0) return [nextCommand('compare', question, besides(one))]
    return [nextCommand('compare', question, { more: ['-r', String(Math.max(20, 4 * results.length))] })]
  }
  if (kind === 'nothing-reordered' && busierPps !== null) {
    return [nextCommand('compare', question, { sets: [`${rateKey}=${Number(busierPps.toPrecision(2))}`] })]
  }
  const tunable = tunableOf(policies[0]!, question)
  if (tunable !== undefined) return [nextCommand('tune', question, { policies: [tunable] })]
  const beside = price === null ? [] : [price.than]
  // Lanes as a replay has measured them have in them what lanes of another replay do by themselves.
  const isPart = calibratedOn?.form === 'scenario' && calibratedOn.builtLike === undefined
  const lanes = isPart ? ['--calibration', calibratedOn.file] : []
  return [nextCommand('replay', question, { policies: [policies[0]!, ...beside], more: lanes })]
}

/** The only policy beside another one; a topology without policies beside two. */
function besides(label: string): Change {
  if (findPolicy(label.split(':')[0]!) === undefined)
    return { policies: ['any-idle', 'hash'], sets: ['topology=dispatcher'] }
  return { policies: [label, anotherThan(label)] }
}

/** A policy to compare it with: one that keeps order, or the one that everybody begins with. */
export function anotherThan(label: string): string {
  return label.split(':')[0] === 'hash' ? 'any-idle' : 'hash'
}

/** What holds at all points of a scan, or where it changes; the drops are the most at any point. */
export function scanVerdict(points: readonly ReportedPoint[], about: VerdictAbout): ScanVerdict {
  const known = points.flatMap(({ point, verdict }) => (verdict === null ? [] : [{ point, verdict }]))
  const [first, ...later] = known
  const changes = known
    .filter(({ verdict }, i) => i > 0 && differs(verdict, known[i - 1]!.verdict))
    .map(({ point, verdict: { kind, policies } }) => ({ point, kind, policies }))
  const drops: Record<string, number> = {}
  for (const { verdict } of known) {
    for (const [label, ratio] of Object.entries(verdict.drops)) {
      drops[label] = Math.max(drops[label] ?? 0, ratio)
    }
  }
  const isEverywhere = (label: string) => later.every(({ verdict }) => verdict.policies.includes(label))
  const policies = first?.verdict.policies.filter(isEverywhere) ?? []
  const kinds = new Set(known.map(({ verdict }) => verdict.kind))
  const kind = kinds.size === 1 ? first!.verdict.kind : mixed(kinds, policies.length > 0)
  return {
    kind,
    policies,
    price: null,
    drops,
    fits: null,
    restsOn: {
      ...lanesOf(about),
      workNs: first?.verdict.restsOn.workNs ?? null,
      runs: Math.max(0, ...known.map(({ verdict }) => verdict.restsOn.runs)),
    },
    next: [],
    changes,
  }
}

/** Of verdicts that aren't all of one kind: what holds for the policies that all of them recommend. */
function mixed(kinds: ReadonlySet<Verdict['kind']>, isAnyEverywhere: boolean): Verdict['kind'] {
  if (kinds.size === 0) return 'failed'
  if (!isAnyEverywhere) return 'cannot-tell'
  return kinds.has('least-reordered') ? 'least-reordered' : 'order-kept'
}

function differs(one: Verdict, other: Verdict): boolean {
  return one.kind !== other.kind || one.policies[0] !== other.policies[0]
}

/**
 * The verdict of a search for a TTL: the candidate that stands for what is to be set, beside never expiring.
 * @param results runs of the candidates
 */
export function tuneVerdict(results: readonly RunResult[], tuning: Tuning, about: VerdictAbout): TuneVerdict {
  const { setting, never, curve } = tuning
  const labels = results[0]!.policies.map(({ label }) => label)
  const at = labels.indexOf(setting.policy)
  const chosen = reportVerdict(results, about)
  const metrics = curve.find(({ policy }) => policy === setting.policy)?.metrics
  const drops = chosen.drops[setting.policy] ?? 0
  const isKept = metrics?.reorderedRatio?.mean === 0
  const isNowhere = curve.every((point) => point.metrics.reorderedRatio?.mean === 0)
  const kind =
    setting.basis === 'unknown'
      ? 'cannot-tell'
      : drops > DROPS_WORTH_A_WORD
        ? 'drops-first'
        : isNowhere
          ? 'nothing-reordered'
          : isKept
            ? 'order-kept'
            : 'least-reordered'
  const isNamed = kind !== 'cannot-tell' && kind !== 'drops-first'
  const { mean, low95, high95 } = differenceOf(results, at, labels.indexOf(never), 'latencyNsP99')
  const policy = setting.value === null ? never : withTtl(tuning, setting.value)
  return {
    ...chosen,
    kind,
    policies: isNamed ? [setting.policy] : [],
    price:
      !isNamed || mean === null || setting.policy === never
        ? null
        : { metric: 'latencyNsP99', than: never, differenceNs: mean, low95, high95 },
    next: [nextCommand('compare', about.question, { policies: [policy, never] })],
    ttlNs: setting.ttlNs,
  }
}

function withTtl({ policy, parameters, parameter }: Tuning, value: string): string {
  return labelled(policy, Object.entries({ ...parameters, [parameter]: value }))
}
