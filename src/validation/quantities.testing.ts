/** Test support: the quantities that have closed forms, each a ratio of two sums. */
import {
  type Displacement,
  displacements,
  type Extent,
  extents,
  type Occupancy,
  occupancies,
  type Sums,
} from './meter.testing.ts'

interface Definition {
  /** As the table shows it. */
  readonly title: string
  readonly top: keyof Sums
  readonly bottom: keyof Sums
  /** Is the top in ns? The model's unit is the mean service time or delay. */
  readonly isTime?: boolean
}

export type Quantity =
  | 'reordered'
  | 'overtakers'
  | 'degree1'
  | 'degree2'
  | 'degree3'
  | 'degree4'
  | 'extent'
  | `extent=${Extent}`
  | `displacement=${Displacement}`
  | `buffered=${Occupancy}`
  | 'lateTime'
  | 'sackLost'
  | 'quicLost'
  | 'wait'
  | 'waited'
  | 'held'
  | 'resequencing'

/** One definition per value of a distribution. */
function density<Value extends number, Name extends Quantity & keyof Sums>(
  values: readonly Value[],
  name: (value: Value) => Name,
  title: (value: Value) => string,
  bottom: keyof Sums,
): Record<Name, Definition> {
  const entries = values.map((value) => [name(value), { title: title(value), top: name(value), bottom }])
  return Object.fromEntries(entries)
}

export const quantities: Readonly<Record<Quantity, Definition>> = {
  reordered: { title: 'P(reordered)', top: 'reordered', bottom: 'packets' },
  overtakers: { title: 'E[overtakers]', top: 'overtakers', bottom: 'packets' },
  degree1: { title: 'P(1-reordered)', top: 'degree1', bottom: 'packets' },
  degree2: { title: 'P(2-reordered)', top: 'degree2', bottom: 'packets' },
  degree3: { title: 'P(3-reordered)', top: 'degree3', bottom: 'packets' },
  degree4: { title: 'P(4-reordered)', top: 'degree4', bottom: 'packets' },
  extent: { title: 'E[extent, given reordered]', top: 'extent', bottom: 'reordered' },
  ...density(
    extents,
    (value) => `extent=${value}` as const,
    (value) => `P(extent ${value}, given reordered)`,
    'reordered',
  ),
  ...density(
    displacements,
    (value) => `displacement=${value}` as const,
    (value) => `RD[${value}]`,
    'displaced',
  ),
  ...density(
    occupancies,
    (value) => `buffered=${value}` as const,
    (value) => `RBD[${value}]`,
    'arrivals',
  ),
  lateTime: { title: 'E[late time, given reordered]', top: 'lateNs', bottom: 'reordered', isTime: true },
  sackLost: { title: 'P(SACK lost)', top: 'sackLost', bottom: 'packets' },
  quicLost: { title: 'P(QUIC lost)', top: 'quicLost', bottom: 'packets' },
  wait: { title: 'E[wait]', top: 'waitNs', bottom: 'packets', isTime: true },
  waited: { title: 'P(wait > 0)', top: 'waited', bottom: 'packets' },
  held: { title: 'P(held)', top: 'held', bottom: 'packets' },
  resequencing: { title: 'E[resequencing delay]', top: 'heldNs', bottom: 'packets', isTime: true },
}
