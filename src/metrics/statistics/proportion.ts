/**
 * The 95 % interval of a share from its events and chances alone, by Wilson's score method: it stays within 0
 * and 1 and holds for few events. Chances are taken to be independent; events that come in bursts have a
 * wider one. Source: Wilson, JASA 22, 1927; Newcombe, Statistics in Medicine 17, 1998, method 3.
 */
import type { Ratio } from '../metric.ts'

/** Quantile of the normal distribution at 97.5 %. */
const Z = 1.959963984540054

/** The share's bounds; 0 and 1 without chances. */
export function shareInterval({ count, of }: Ratio): { readonly low95: number; readonly high95: number } {
  if (of === 0) return { low95: 0, high95: 1 }
  const share = count / of
  const spread = (Z * Z) / of
  const middle = share + spread / 2
  const half = Math.sqrt(spread * share * (1 - share) + (spread * spread) / 4)
  const low95 = count === 0 ? 0 : (middle - half) / (1 + spread)
  const high95 = count === of ? 1 : (middle + half) / (1 + spread)
  return { low95, high95 }
}
