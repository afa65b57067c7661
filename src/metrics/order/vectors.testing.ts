/** Test support: the worked cases of ../shared/metrics/vectors.json by kind. */
import { readSharedJson, skipWithout } from '../../shared.testing.ts'

const FILE = 'metrics/vectors.json'

interface Vector {
  readonly id: string
  readonly kind: string
  readonly input: Record<string, unknown>
  readonly expected: Record<string, unknown>
}

export const skipWithoutVectors = skipWithout(FILE)
const vectors = skipWithoutVectors ? [] : readSharedJson<{ vectors: Vector[] }>(FILE).vectors

/** The vectors of one kind, `input` and `expected` typed by the caller. */
export function vectorsOf<Input = { arrivals: number[] }, Expected = Record<string, unknown>>(kind: string) {
  return vectors
    .filter((vector) => vector.kind === kind)
    .map(({ id, input, expected }) => ({ id, input: input as Input, expected: expected as Expected }))
}

/** The counts that aren't 0, by index minus `offset`, as the vectors write them. */
export function nonZero(counts: ArrayLike<number>, offset = 0): Record<string, number> {
  return Object.fromEntries(
    Array.from(counts, (count, i) => [String(i - offset), count] as const).filter(([, count]) => count !== 0),
  )
}
