/**
 * Closed forms of queues, all in units of the mean service time: waits (Kleinrock, Queueing Systems I), and
 * reordering by k lanes with queues of their own or a shared one (derived in the project's notes, checked
 * there by an independent simulator). Symbols: rho = load per lane; k = lanes; H_n = 1 + 1/2 + ... + 1/n.
 */
import { integral } from './integral.testing.ts'

/** M/G/1: mean wait, Pollaczek-Khinchine. @param secondMoment E[S^2] of the service time with mean 1 */
export function waitMG1(rho: number, secondMoment: number): number {
  return (rho * secondMoment) / (2 * (1 - rho))
}

/**
 * D/M/1: P(wait > 0), the root below 1 of sigma = e^(-(1-sigma)/rho); the mean wait is sigma / (1 - sigma).
 */
export function sigmaDM1(rho: number): number {
  let sigma = rho
  for (let i = 0; i < 10_000; i++) sigma = Math.exp(-(1 - sigma) / rho)
  return sigma
}

/** M/M/k: P(wait > 0), Erlang's C; the mean wait is C / (k (1 - rho)). */
export function erlangC(k: number, rho: number): number {
  const busy = busyAtArrival(k, rho)
  return 1 - busy.slice(0, k).reduce((sum, p) => sum + p, 0)
}

/**
 * k private M/M/1 queues, Poisson arrivals to a random one: 1 - Int th e^(-th t) V(t)^(k-1) dt, th = 1 - rho.
 */
export function reorderedPrivate(k: number, rho: number): number {
  const th = 1 - rho
  const inOrder = (t: number) => {
    const v = (Math.exp(-rho * t) - Math.exp(-t)) / th + Math.exp(-th * t) - rho * t * Math.exp(-t)
    return th * Math.exp(-th * t) * v ** (k - 1)
  }
  return 1 - integral(inOrder, 0, 45 / th, 100_000)
}

/**
 * The same: P(an ideal resequencer holds a packet). The others' work is Exp(th) with probability rho, else 0;
 * with z = e^(-th x) uniform for the packet's own time x, it isn't held with Int_0^1 (1 - rho z)^(k-1) dz.
 */
export function heldPrivate(k: number, rho: number): number {
  return 1 - (1 - (1 - rho) ** k) / (k * rho)
}

/**
 * The same: mean time in an ideal resequencer, (1/th) Int_0^1 [1 - (1-z)(1 - rho z)^(k-1)]/z dz - 1/th,
 * written out.
 */
export function resequencingPrivate(k: number, rho: number): number {
  let sum = (1 - (1 - rho) ** k) / (k * rho) - 1
  for (let j = 1; j < k; j++) sum += (1 - (1 - rho) ** j) / j
  return sum / (1 - rho)
}

/** Periodic arrivals in turn to k queues with exponential service: k D/M/1 queues, shifted. */
export function reorderedRoundRobin(k: number, rho: number): number {
  const sigma = sigmaDM1(rho)
  let sum = 0
  for (let n = 1; n < k; n++) sum += sigma ** ((n * (n + 1)) / (2 * k)) / (n * (n + 1))
  return sum
}

/**
 * M/M/k: P(an ideal resequencer holds a packet): of m earlier packets in service with it, one is finished
 * last.
 */
export function heldShared(k: number, rho: number): number {
  return earlierInService(k, rho).reduce((sum, p, m) => sum + (p * m) / (m + 1), 0)
}

/** M/M/k: mean time in an ideal resequencer: sum over m of P(m earlier in service) (H_(m+1) - 1). */
export function resequencingShared(k: number, rho: number): number {
  let harmonic = 0
  return earlierInService(k, rho).reduce((sum, p, m) => {
    harmonic += 1 / (m + 1)
    return sum + p * (harmonic - 1)
  }, 0)
}

/**
 * M/M/k: P(reordered). When a packet's service begins, i earlier ones are in service, none later, and n later
 * ones wait: n is geometric if it waited itself (arrivals during a wait that is Exp(k (1 - rho))), else 0.
 * From there on, with j later ones in service, the next of these events decides: a later one ends
 * (reordered), it ends itself (not), an earlier one ends, and the first that waits follows, or a packet
 * arrives. More than i waiting ones change nothing.
 */
export function reorderedShared(k: number, rho: number): number {
  const reordered = (i: number, j: number, n: number): number => {
    const isFull = i + j + 1 === k
    const arrivals = isFull && n === i ? 0 : k * rho
    let sum = j
    if (i > 0) sum += i * (n > 0 ? reordered(i - 1, j + 1, n - 1) : reordered(i - 1, j, 0))
    if (arrivals > 0) sum += arrivals * (isFull ? reordered(i, j, n + 1) : reordered(i, j + 1, 0))
    return sum / (i + j + 1 + arrivals)
  }
  const busy = busyAtArrival(k, rho)
  let sum = 0
  for (let i = 0; i < k; i++) sum += busy[i]! * reordered(i, 0, 0)
  const waits = erlangC(k, rho)
  for (let n = 0; n < k - 1; n++) sum += waits * (1 - rho) * rho ** n * reordered(k - 1, 0, n)
  return sum + waits * rho ** (k - 1) * reordered(k - 1, 0, k - 1)
}

/** M/M/k: P(a packet finds i lanes busy), i = 0 .. k - 1; the rest finds all busy. */
function busyAtArrival(k: number, rho: number): number[] {
  const weights = [1]
  for (let i = 1; i < k; i++) weights.push((weights[i - 1]! * k * rho) / i)
  const allBusy = (weights[k - 1]! * rho) / (1 - rho)
  const total = weights.reduce((sum, weight) => sum + weight, allBusy)
  return weights.map((weight) => weight / total)
}

/** M/M/k: P(m earlier packets are in service when a packet's service begins), m = 0 .. k - 1. */
function earlierInService(k: number, rho: number): number[] {
  const busy = busyAtArrival(k, rho)
  busy[k - 1]! += erlangC(k, rho)
  return busy
}
