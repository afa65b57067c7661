/** The gamma function for positive arguments, by Lanczos' series (g = 7, n = 9): 15 digits. */
import { exp, log, sin } from '../elementary.ts'

const COEFFICIENTS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

export function gammaFunction(x: number): number {
  if (x < 0.5) return Math.PI / (sin(Math.PI * x) * gammaFunction(1 - x))
  const t = x + 6.5
  let sum = COEFFICIENTS[0]!
  for (let i = 1; i < COEFFICIENTS.length; i++) sum += COEFFICIENTS[i]! / (x - 1 + i)
  return Math.sqrt(2 * Math.PI) * exp((x - 0.5) * log(t) - t) * sum
}
