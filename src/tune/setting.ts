/**
 * The one number to set. What a search finds is a floor for the packets that it saw: more of them, another
 * load or another seed find longer stays. So where a bound is proven that is set; else twice the larger of
 * the two answers, the smallest safe TTL and the smallest that keeps the target.
 */

import type { Proof } from './longest-stay.ts'
import type { Recommended, Safe, TtlPoint } from './recommend.ts'
import { ttlText } from './ttl-grid.ts'

/** How much more than what was enough for the packets seen. */
const MARGIN = 2

export interface Setting {
  /** null: never expiring, or unknown. */
  readonly ttlNs: number | null
  /** The same as the policy's parameter takes it; null as above. */
  readonly value: string | null
  /**
   * `proven`: no packet can stay longer; `margin`: twice what was enough here; `never`: no TTL tried was
   * enough; `unknown`: no packet was judged.
   */
  readonly basis: 'proven' | 'margin' | 'never' | 'unknown'
  /** Of the candidates tried, the first that lasts at least as long: what its metrics stand for. */
  readonly policy: string
}

/**
 * @param stepNs TTLs are multiples of this
 * @param curve ascending, never expiring last
 */
export function settingOf(
  recommended: Recommended,
  safe: Safe,
  proof: Proof | null,
  curve: readonly TtlPoint[],
  stepNs: number,
): Setting {
  const never = curve.at(-1)!.policy
  const tried = (ttlNs: number) => curve.find((point) => point.ttlNs === null || point.ttlNs >= ttlNs)!.policy
  const rounded = (ns: number) => Math.max(1, Math.ceil(ns / stepNs)) * stepNs
  if (recommended.kind === 'unknown') return { ttlNs: null, value: null, basis: 'unknown', policy: never }
  const enough = ttlOf(recommended, curve)
  if (proof !== null && enough !== null) {
    const ttlNs = rounded(Math.max(proof.stayNs, enough))
    return { ttlNs, value: ttlText(ttlNs), basis: 'proven', policy: tried(ttlNs) }
  }
  if (enough === null || safe.kind === 'none')
    return { ttlNs: null, value: null, basis: 'never', policy: never }
  const ttlNs = rounded(MARGIN * Math.max(enough, safe.ttlNs ?? 0))
  return { ttlNs, value: ttlText(ttlNs), basis: 'margin', policy: tried(ttlNs) }
}

function ttlOf(recommended: Recommended, curve: readonly TtlPoint[]): number | null {
  if (recommended.kind === 'any') return curve[0]!.ttlNs
  return recommended.kind === 'value' ? recommended.ttlNs : null
}
