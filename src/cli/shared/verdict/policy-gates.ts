/**
 * The gates of comparisons, scans and tunings: --max-reordered and the like, for continuous integration. They
 * are judged for every policy given by -p, with the scenario's own list for those that the verdict
 * recommends, or for those that --gate names; never for a yardstick.
 */
import { didYouMean, UserError } from '../../../errors.ts'
import { isYardstick } from '../../../metrics/catalogue/recommendable.ts'
import type { ComparedRun } from '../../../metrics/result.ts'
import { judgePolicyGates, type PolicyGate, policyGateRules } from '../../../metrics/statistics/gates.ts'
import type { Verdict } from '../../../metrics/statistics/verdict.ts'
import { limitOf } from '../limits.ts'
import type { PolicyGateOptions } from '../options.ts'
import type { Output } from '../process-io.ts'
import { gateLine } from './gate-line.ts'

export interface AskedGates {
  /** By the names of gates. */
  readonly limits: ReadonlyMap<string, number>
  /** --gate; empty without it. */
  readonly labels: readonly string[]
  readonly arePoliciesGiven: boolean
}

/** undefined where no gate is asked for. Throws UserError. */
export function askedGates(
  options: PolicyGateOptions & { readonly policy?: readonly string[] | undefined },
): AskedGates | undefined {
  const limits = new Map<string, number>()
  for (const { name, kind } of policyGateRules) {
    const given = options[KEYS[name]]
    if (given !== undefined) limits.set(name, limitOf(`--max-${name}`, given, kind))
  }
  const { gate = [], junit } = options
  if (junit !== undefined && limits.size === 0) {
    throw new UserError(
      `--junit ${junit}: there is no gate to write - add a limit, such as --max-reordered 0.1%`,
      2,
    )
  }
  if (limits.size > 0) return { limits, labels: gate, arePoliciesGiven: options.policy !== undefined }
  if (gate.length === 0) return undefined
  throw new UserError(
    `--gate ${gate[0]}: nothing to judge it by - add a limit, such as --max-reordered 0.1%`,
    2,
  )
}

const KEYS = {
  reordered: 'maxReordered',
  drops: 'maxDrops',
  p99: 'maxP99',
  'late-time': 'maxLateTime',
} as const

/** Throws UserError (2) where --gate names no policy of these. */
export function checkGateLabels(asked: AskedGates | undefined, labels: readonly string[]): void {
  for (const label of asked?.labels ?? []) {
    if (named(label, labels).length > 0) continue
    throw new UserError(
      `--gate ${label}: no such policy here${didYouMean(label, labels) || ` - name one of ${labels.join('; ')}`}`,
      2,
    )
  }
}

/** By its label, or its name alone. */
const named = (label: string, labels: readonly string[]) =>
  labels.filter((other) => other === label || other.split(':')[0] === label)

export function judgedGates(
  { limits, labels, arePoliciesGiven }: AskedGates,
  runs: readonly ComparedRun[],
  verdict: Verdict,
): PolicyGate[] {
  const all = runs[0]?.policies.map(({ label }) => label) ?? []
  const judged =
    labels.length > 0
      ? labels.flatMap((label) => (named(label, all).length > 0 ? named(label, all) : [label]))
      : arePoliciesGiven
        ? all.filter((label) => !isYardstick(label))
        : verdict.policies
  return judgePolicyGates(limits, judged, runs)
}

/**
 * A line per gate, and whether all were kept; with nobody to judge none was.
 * @param where opens the lines: of a scan, its point
 */
export function gateTexts(gates: readonly PolicyGate[], where = ''): { lines: string[]; areKept: boolean } {
  if (gates.length === 0) {
    return {
      lines: [`gate${where}: no policy is recommended, so none keeps the limits - name one with --gate`],
      areKept: false,
    }
  }
  const lines = gates.map((gate) =>
    gateLine(`${gate.gate}${where}, ${gate.policy}`, { ...gate, value: gate.bound }),
  )
  return { lines, areKept: gates.every(({ isKept }) => isKept) }
}

/** Says the gates of a report; true where there are none. @param where stands behind a gate's name */
export function sayGates(gates: readonly PolicyGate[] | undefined, stderr: Output, where = ''): boolean {
  if (gates === undefined) return true
  const { lines, areKept } = gateTexts(gates, where)
  for (const line of lines) stderr.write(`${line}\n`)
  return areKept
}
