/**
 * The policies that have a TTL to tune: what their parameter is called, which values it takes, what stands
 * for "never", and by which key their table remembers flows. A candidate is the policy with one value of that
 * parameter, everything else as given.
 */
import type { PolicyEntry } from '../scenario/policy-specs.ts'

/** What makes an entry of a flow table. */
export type TableKey = '5-tuple' | '3-tuple' | 'address-pair'

export interface Tunable {
  readonly name: string
  /** What the policy calls its TTL. */
  readonly parameter: string
  /** TTLs are multiples of this. */
  readonly stepNs: number
  /** Where the grid begins and ends unless the user or the traffic says otherwise. */
  readonly gridNs: readonly [min: number, max: number]
  /** The value with which nothing of a run expires. */
  readonly never: string
  /** Do packets that the policy places keep its entries alive? Else only return traffic does. */
  readonly learnsFromPackets: boolean
  /** Can nothing but the TTL move a flow, with these parameters? Then a long enough one is safe for sure. */
  movesOnlyByTtl(parameters: Readonly<Record<string, unknown>>): boolean
  key(parameters: Readonly<Record<string, unknown>>): TableKey
}

const GRID_NS = [10e3, 60e9] as const
const always = () => true
const never = () => false

const tunables: readonly Tunable[] = [
  {
    name: 'flow-pinned',
    parameter: 'ttl',
    stepNs: 1,
    gridNs: GRID_NS,
    never: 'never',
    learnsFromPackets: true,
    movesOnlyByTtl: ({ capacity = 'unlimited' }) => capacity === 'unlimited',
    key: ({ key = '5-tuple' }) => key as TableKey,
  },
  {
    // Whole seconds, as the fork counts; the packets that it never maps move with its cursor.
    name: 'openvpn-fork',
    parameter: 'ttl',
    stepNs: 1e9,
    gridNs: [5e9, 60e9],
    never: '9995s',
    learnsFromPackets: true,
    movesOnlyByTtl: never,
    key: () => 'address-pair',
  },
  {
    name: 'flowlet',
    parameter: 'gap',
    stepNs: 1,
    gridNs: GRID_NS,
    never: 'never',
    learnsFromPackets: true,
    movesOnlyByTtl: always,
    key: () => '5-tuple',
  },
  {
    // A jiffy; entries go at whole seconds only. What lanes write back moves flows too.
    name: 'linux-tun',
    parameter: 'ageing',
    stepNs: 4e6,
    gridNs: [100e6, 60e9],
    never: 'never',
    learnsFromPackets: false,
    movesOnlyByTtl: never,
    key: () => '5-tuple',
  },
]

export const tunableNames: readonly string[] = tunables.map(({ name }) => name)

export function tunableOf(name: string): Tunable | undefined {
  return tunables.find((tunable) => tunable.name === name)
}

/** The policy that is tuned: everything but its TTL. */
export interface TunedPolicy {
  readonly tunable: Tunable
  /** As given; may hold a TTL, which every candidate replaces. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** The policy with this value of its TTL. */
export function candidate({ tunable, parameters }: TunedPolicy, value: string): PolicyEntry {
  return { [tunable.name]: { ...parameters, [tunable.parameter]: value } }
}

/** The yardstick that needs no TTL, with the same key as far as it has it. */
export function yardstick({ tunable, parameters }: TunedPolicy): PolicyEntry {
  return tunable.key(parameters) === 'address-pair' ? { drained: { key: 'address-pair' } } : 'drained'
}

/** The parameters without the TTL. */
export function otherParameters({ tunable, parameters }: TunedPolicy): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== tunable.parameter))
}
