/**
 * Named random streams. One seed per scenario; every use of randomness ("work", "arrivals", a policy's
 * choices) has its own stream, and run k of a scenario uses (seed, k), so that adding a policy or a draw
 * never shifts another one's numbers. Generator: Alea (Johannes Baagøe), from the seedrandom package; its raw
 * output is the same on every version of Node.
 */
import seedrandom from 'seedrandom'

/** Uniform on [0, 1). */
export interface Random {
  (): number
  /** A copy of the generator's state, where it is Alea: what draws in bulk go on from (bulk-draws.ts). */
  readonly state?: () => AleaState
}

/**
 * Alea's three fractions and its carry. Spelt out, because seedrandom's types are in a package of their
 * own.
 */
export interface AleaState {
  readonly c: number
  readonly s0: number
  readonly s1: number
  readonly s2: number
}

/**
 * The stream called `name` of run `run` (from 0) of a scenario with seed `seed`, with 53 random bits a draw,
 * so that tails of distributions aren't cut short.
 */
export function randomStream(seed: number | string, run: number, name: string): Random {
  const { double, state } = seedrandom.alea(`${seed}/${run}/${name}`, { state: true })
  return Object.assign(double, { state })
}
