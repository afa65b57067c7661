/** Test support: numerical integration for closed forms that end in an integral. */

/**
 * The integral of f from low to high by Simpson's rule.
 * @param intervals even; the error falls with its fourth power where f is smooth
 */
export function integral(f: (x: number) => number, low: number, high: number, intervals = 20_000): number {
  const step = (high - low) / intervals
  let sum = f(low) + f(high)
  for (let i = 1; i < intervals; i++) sum += f(low + i * step) * (i % 2 === 0 ? 2 : 4)
  return (sum * step) / 3
}
