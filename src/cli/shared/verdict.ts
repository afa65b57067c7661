/** The verdict of a comparison with what only the command knows: what it rests on, and the next command. */
import { DROPS_WORTH_A_WORD } from '../../metrics/catalogue/recommendable.ts'
import type { RunResult } from '../../metrics/result.ts'
import { differenceOf } from '../../metrics/statistics/comparison.ts'
import type { Verdict } from '../../metrics/statistics/verdict.ts'
import { verdictOf } from '../../metrics/statistics/verdict.ts'
import { type Fit, meanLoad, type ReportVerdict } from '../../report/comparison/report.ts'
import type { ReportedPoint, ScanVerdict } from '../../report/scan/scan-report.ts'
import type { TuneVerdict } from '../../report/tune/tune-report.ts'
import { findPolicy } from '../../scenario/known-policies.ts'
import { labelled } from '../../scenario/policy-specs.ts'
import type { Tuning } from '../../tune/tuning.ts'

export interface VerdictAbout {
  /** The scenario or captures as the user named them. */
  readonly input: readonly string[]
  /** What --calibration names. */
  readonly calibration?: string | undefined
  readonly fits?: readonly Fit[] | undefined
  /** The key that sets the rate of this traffic. */
  readonly rateKey?: string
}

export function reportVerdict(results: readonly RunResult[], about: VerdictAbout): ReportVerdict {
  const verdict = verdictOf(results)
  const load = meanLoad(results.map((result) => result.load))
  const { calibration, fits } = about
  return {
    ...verdict,
    fits: fits ?? null,
    restsOn: {
      lanes: calibration === undefined ? 'assumed' : 'calibrated',
      file: calibration ?? null,
      workNs: load.workNsMean,
      runs: results.length,
    },
    next: nextOf(
      verdict,
      results.length,
      load.overlappingRatio === 0 ? load.packetsPerSecondAtLoad70 : null,
      about,
    ),
  }
}

/** @param busierPps a rate at which packets would overlap, where they don't */
function nextOf(
  { kind, policies, price }: Verdict,
  runs: number,
  busierPps: number | null,
  { input, calibration, fits, rateKey = 'source.packetsPerSecond' }: VerdictAbout,
): string[][] {
  const given = ['lanewise']
  const calibrated = calibration === undefined ? [] : ['--calibration', calibration]
  const compare = (...more: string[]) => [...given, 'compare', ...input, ...calibrated, ...more]
  if (kind === 'failed') return [compare('-v')]
  if (kind === 'drops-first') {
    const fitting = Math.max(0, ...(fits ?? []).map(({ packetsPerSecond }) => packetsPerSecond ?? 0))
    return fitting === 0 ? [compare('--fits')] : [compare('--set', `${rateKey}=${Math.floor(fitting)}`)]
  }
  if (kind === 'cannot-tell') return [compare('-r', String(Math.max(20, 4 * runs)))]
  if (kind === 'nothing-reordered' && busierPps !== null) {
    return [compare('--set', `${rateKey}=${Number(busierPps.toPrecision(2))}`)]
  }
  const table = withTable(policies)
  if (table !== undefined) return [[...given, 'tune', ...input, ...calibrated, '-p', table]]
  const beside = price === null ? [] : ['-p', price.than]
  return [[...given, 'replay', ...input, '-p', policies[0]!, ...beside]]
}

/** The best policy, where it has a flow table to tune. */
export function withTable([best]: readonly string[]): string | undefined {
  return best !== undefined && findPolicy(best.split(':')[0]!)?.timeToLive !== undefined ? best : undefined
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
  const kinds = new Set(known.map(({ verdict }) => verdict.kind))
  return {
    kind: first === undefined ? 'failed' : kinds.size === 1 ? first.verdict.kind : 'cannot-tell',
    policies: first?.verdict.policies.filter(isEverywhere) ?? [],
    price: null,
    drops,
    fits: null,
    restsOn: {
      lanes: about.calibration === undefined ? 'assumed' : 'calibrated',
      file: about.calibration ?? null,
      workNs: first?.verdict.restsOn.workNs ?? null,
      runs: Math.max(0, ...known.map(({ verdict }) => verdict.restsOn.runs)),
    },
    next: [],
    changes,
  }
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
    next: [['lanewise', 'compare', ...about.input, '-p', policy, '-p', never]],
    ttlNs: setting.ttlNs,
  }
}

function withTtl({ policy, parameters, parameter }: Tuning, value: string): string {
  return labelled(policy, Object.entries({ ...parameters, [parameter]: value }))
}
