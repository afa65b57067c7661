/** The line of a gate on stderr: "gate reordered: 0.0123 % <= 0.1 %: ok". */
import type { GateResult } from '../../measure/gates.ts'
import { grouped, significant } from '../../units.ts'

/** Enough that a value just above its limit doesn't look equal to it. */
const DIGITS = 6

export function gateLine(gate: GateResult): string {
  const { value, limit, isKept } = gate
  const found = value === null ? 'unknown' : amount(value, gate)
  return `gate ${gate.gate}: ${found} <= ${amount(limit, gate)}: ${isKept ? 'ok' : 'FAILED'}`
}

function amount(value: number, { kind }: GateResult): string {
  if (kind === 'share') return `${significant(value * 100, DIGITS)} %`
  if (kind === 'duration') return `${significant(value / 1e6, DIGITS)} ms`
  return `${grouped(value)} ${value === 1 ? 'packet' : 'packets'}`
}
