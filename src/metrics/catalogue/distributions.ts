/** The quantities whose histograms stand in distributions.csv, as the axes of charts name them. */

/** What one value of a histogram is. */
export interface Quantity {
  /** As in distributions.csv, without `tunnel.`. */
  readonly name: string
  readonly unit: 'ns' | 'packets'
  readonly title: string
}

export const quantities: readonly Quantity[] = [
  { name: 'latencyNs', unit: 'ns', title: 'latency' },
  { name: 'lateTimeNs', unit: 'ns', title: 'late time' },
  { name: 'ipdvNs', unit: 'ns', title: 'IPDV' },
  { name: 'pdvNs', unit: 'ns', title: 'PDV' },
  { name: 'extent', unit: 'packets', title: 'extent' },
  { name: 'nReordering', unit: 'packets', title: 'n' },
  { name: 'reorderDensity', unit: 'packets', title: 'displacement' },
  { name: 'reorderBufferDensity', unit: 'packets', title: 'packets waiting' },
]

/** Throws for a name that isn't there. */
export function quantity(name: string): Quantity {
  const found = quantities.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} is no quantity of distributions.csv`)
  return found
}
