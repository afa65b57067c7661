/**
 * Closed forms of reordering by independent delays: every packet is delayed by a draw of its own, nothing
 * queues. Given a delay x, the later packets that arrive first are Poisson with mean lambda Int_0^x F under
 * Poisson arrivals (thinning), and product formulas hold under periodic ones. Derived in the project's notes
 * and checked there by an independent simulator. Symbols: a = lambda/mu, arrivals per mean delay; q = e^(-mu
 * tau) with tau the spacing.
 */
import { integral } from './integral.testing.ts'

/** Delays beyond so many means weigh less than 1e-19. */
const DELAY_MAX = 45

/**
 * M/M/inf: P(at least k later packets arrive first). k = 1: reordered; k = 3: lost to SACK (RFC 6675 IsLost).
 */
export function overtakenByExponential(a: number, k: number): number {
  const notOvertaken = (x: number) => {
    const mean = a * (x - 1 + Math.exp(-x))
    let term = 1
    let sum = 1
    for (let n = 1; n < k; n++) {
      term *= mean / n
      sum += term
    }
    return Math.exp(-x - mean) * sum
  }
  return 1 - integral(notOvertaken, 0, DELAY_MAX)
}

/**
 * M/M/inf: P(the greatest number seen before is at least 3 ahead): QUIC's packet threshold, RFC 9002 6.1.1.
 */
export function quicLostByExponential(a: number): number {
  return (a / (1 + a)) ** 2 * overtakenByExponential(a, 1)
}

/**
 * M/M/inf: degree of n-reordering (RFC 4737 section 5). f_n is a polynomial in v = e^(-mu x): f_1 = a/(a+1),
 * and each c v^j of f_(n-1) gives c [a/(a+j+1) v^j - a/(a+j+2) v^(j+1)]; the degree is Int_0^1 (1-v) f_n(v)
 * dv.
 */
export function degreeByExponential(a: number, n: number): number {
  let coefficients = [a / (a + 1)]
  for (let i = 2; i <= n; i++) {
    const next = new Array<number>(coefficients.length + 1).fill(0)
    for (const [j, c] of coefficients.entries()) {
      next[j]! += (c * a) / (a + j + 1)
      next[j + 1]! -= (c * a) / (a + j + 2)
    }
    coefficients = next
  }
  return coefficients.reduce((sum, c, j) => sum + c / (j + 1) - c / (j + 2), 0)
}

/**
 * M/M/inf: P(displacement d) (RD, RFC 5236 section 3.6, DT = infinity). Given a delay x, later packets that
 * arrive first (mean m1 = a (x - 1 + e^-x)) and earlier ones that arrive later (m2 = a e^-x) are independent
 * and Poisson: their difference is Skellam distributed.
 */
export function displacementByExponential(a: number, d: number): number {
  const weighted = (x: number) => {
    const earlier = a * Math.exp(-x)
    const later = a * (x - 1) + earlier
    return Math.exp(-x) * skellam(d, Math.max(0, later), earlier)
  }
  return integral(weighted, 0, DELAY_MAX)
}

/** P(A - B = d) of Poisson A and B: the sum over B = j of P(A = d + j) P(B = j). */
function skellam(d: number, meanA: number, meanB: number): number {
  const first = Math.max(0, -d)
  let term = Math.exp(-meanA - meanB)
  for (let i = 1; i <= d; i++) term *= meanA / i
  for (let i = 1; i <= first; i++) term *= meanB / i
  let sum = term
  for (let j = first + 1; j < 2000; j++) {
    term *= (meanA * meanB) / (j * (d + j))
    sum += term
    if (term <= 1e-18 * sum) break
  }
  return sum
}

/** M/M/inf: P(an ideal resequencer holds a packet), for one that came too early. */
export function heldByExponential(a: number): number {
  return 1 - (1 - Math.exp(-a)) / a
}

/** M/M/inf: mean time in an ideal resequencer over the mean delay: Ein(a) + (1 - e^-a)/a - 1. */
export function resequencingByExponential(a: number): number {
  const ein = integral((t) => (t === 0 ? 1 : -Math.expm1(-t) / t), 0, a)
  return ein + (1 - Math.exp(-a)) / a - 1
}

/** D/M/inf: P(reordered) = sum over n >= 1 of q^(n(n+1)/2) / (n(n+1)). */
export function reorderedPeriodicExponential(q: number): number {
  let sum = 0
  for (let n = 1; n < 10_000; n++) sum += q ** ((n * (n + 1)) / 2) / (n * (n + 1))
  return sum
}

/** Poisson arrivals, delays uniform on (0, J), x = lambda J: 1 - Int_0^1 e^(-x u^2/2) du. */
export function reorderedPoissonUniform(x: number): number {
  return 1 - integral((u) => Math.exp((-x * u * u) / 2), 0, 1)
}

/** Periodic arrivals, delays uniform on (0, J), J in spacings: 1 - E[prod over k >= 1 of 1 - (X-k)+/J]. */
export function reorderedPeriodicUniform(J: number): number {
  const inOrder = (x: number) => {
    let product = 1
    for (let k = 1; k < x; k++) product *= 1 - (x - k) / J
    return product
  }
  let sum = 0
  for (let k = 0; k < J; k++) sum += integral(inOrder, k, Math.min(k + 1, J), 1000)
  return 1 - sum / J
}

/**
 * Two paths of fixed delay, the fast one with probability p, Poisson arrivals: x = lambda times their
 * difference.
 */
export function reorderedPoissonPaths(p: number, x: number): number {
  return (1 - p) * -Math.expm1(-p * x)
}

/** The same with periodic arrivals, the difference in spacings (not a whole number). */
export function reorderedPeriodicPaths(p: number, difference: number): number {
  return (1 - p) * (1 - (1 - p) ** Math.floor(difference))
}
