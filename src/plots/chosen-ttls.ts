/**
 * The few TTLs of a tuning that stand for all its candidates where a chart can't draw lines over the TTL: the
 * shortest, the recommended, the safe one and never, beside the yardstick that needs no TTL.
 */
import { isYardstick, yardstickMark } from '../metrics/catalogue/recommendable.ts'
import { formatDurationNs } from '../units.ts'
import {
  labelsOf,
  type SavedResult,
  type TtlAnswer,
  type TtlStep,
  type TuneAnswer,
  withPolicies,
} from './saved.ts'

const CHOSEN_MAX = 5

/** In the order of the curve, shortest first and never last. */
export function chosenSteps({ curve, recommended, safe }: TuneAnswer): readonly TtlStep[] {
  if (curve.length <= CHOSEN_MAX) return curve
  return curve.filter(
    (step, i) => i === 0 || step.ttlNs === null || isAnswer(recommended, step) || isAnswer(safe, step),
  )
}

function isAnswer(answer: TtlAnswer, { ttlNs }: TtlStep): boolean {
  return answer.kind === 'value' && answer.ttlNs === ttlNs
}

/** Of a tuning: what moves a flow only when nothing of it is in flight. */
export function yardstickOf({ report }: SavedResult): string | undefined {
  return report?.labels.find(isYardstick)
}

/** A tuning with the chosen candidates alone; other results as they are. */
export function withChosenTtls(result: SavedResult): SavedResult {
  const tune = result.report?.tune
  if (tune === undefined) return result
  const yardstick = yardstickOf(result)
  const labels = chosenSteps(tune).map(({ policy }) => policy)
  return withPolicies(result, yardstick === undefined ? labels : [...labels, yardstick])
}

/** The policies that charts draw as policies. */
export function drawnLabels(results: readonly SavedResult[]): string[] {
  return labelsOf(results.map(withChosenTtls))
}

/** Are all of these tunings (and one of them at least)? */
export function areTunings(results: readonly SavedResult[]): boolean {
  return results.length > 0 && results.every(({ report }) => report?.tune !== undefined)
}

/** What a TTL is called: by itself, with what `tune` answered. */
export function stepName({ recommended, safe }: TuneAnswer, step: TtlStep): string {
  const roles = [
    ...(isAnswer(recommended, step) ? ['recommended'] : []),
    ...(isAnswer(safe, step) ? ['safe'] : []),
  ]
  const ttl = step.ttlNs === null ? 'never' : formatDurationNs(step.ttlNs)
  return roles.length === 0 ? ttl : `${ttl} (${roles.join(', ')})`
}

/** Short names by label, where nothing but the candidates of one tuning is drawn; else none. */
export function ttlNames(results: readonly SavedResult[]): ReadonlyMap<string, string> {
  if (results.length !== 1 || !areTunings(results)) return new Map()
  const [result] = results
  const tune = result!.report!.tune!
  const yardstick = yardstickOf(result!)
  return new Map([
    ...tune.curve.map((step) => [step.policy, `TTL ${stepName(tune, step)}`] as const),
    ...(yardstick === undefined ? [] : [[yardstick, `drained${yardstickMark(yardstick)}`] as const]),
  ])
}
