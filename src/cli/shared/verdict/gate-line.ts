/** The line of a gate on stderr: "gate reordered: 0.0123 % <= 0.1 %: ok". */
import { grouped, significant } from '../../../units.ts'

/** Enough that a value just above its limit doesn't look equal to it. */
const DIGITS = 6

export interface JudgedGate {
  readonly kind: 'share' | 'duration' | 'packets'
  /** A share 0..1, ns, or packets; null where it isn't known. */
  readonly value: number | null
  readonly limit: number
  readonly isKept: boolean
}

/** @param name of the gate, and where or whom it judges */
export function gateLine(name: string, { kind, value, limit, isKept }: JudgedGate): string {
  const found = value === null ? 'unknown' : amount(value, kind)
  return `gate ${name}: ${found} <= ${amount(limit, kind)}: ${isKept ? 'ok' : 'FAILED'}`
}

function amount(value: number, kind: JudgedGate['kind']): string {
  if (kind === 'share') return `${significant(value * 100, DIGITS)} %`
  if (kind === 'duration') return `${significant(value / 1e6, DIGITS)} ms`
  return `${grouped(value)} ${value === 1 ? 'packet' : 'packets'}`
}
