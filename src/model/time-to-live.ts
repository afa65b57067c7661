/**
 * What a policy says of its TTL, the silence after which it forgets a flow, so that `lanewise tune` can look
 * for a good one: what the parameter is called, which values it takes, which of them stands for "never", and
 * by which key the table remembers flows.
 */
import type { z } from 'zod'

/** What makes an entry of a flow table. */
export const TABLE_KEYS = ['5-tuple', '3-tuple', 'address-pair', 'inner'] as const

export type TableKey = (typeof TABLE_KEYS)[number]

/** The member `timeToLive` of a policy's definition. */
export interface TimeToLive<P extends z.ZodType = z.ZodType> {
  /** Name of the parameter: a duration with its unit, as `durationNs` takes it, and with a default. */
  readonly parameter: string
  /** The value of the parameter with which nothing of a run expires. */
  readonly never: string
  /** TTLs are multiples of this. Left out: 1. */
  readonly stepNs?: number
  /**
   * Where the grid begins and ends unless the user or the traffic says otherwise, multiples of `stepNs`. Left
   * out: 10 us to 60 s.
   */
  readonly gridNs?: readonly [min: number, max: number]
  /** Do packets that the policy places keep entries alive? Else only return traffic does. Left out: yes. */
  readonly learnsFromPackets?: boolean
  /**
   * Can nothing but the TTL move a flow, with these parameters? Then a long enough one is safe for sure. Left
   * out: something else may, and no TTL is proved safe.
   * @param parameters as `create` gets them, the TTL being `never`
   */
  movesOnlyByTtl?(parameters: z.output<P>): boolean
  /** What makes an entry of the table. Left out: the 5-tuple. @param parameters as above */
  key?(parameters: z.output<P>): TableKey
}

/** Where a grid begins and ends that the policy says nothing of, before it is rounded to steps. */
const GRID_NS = [10e3, 60e9] as const

/** The step and the grid, with defaults filled in. */
export function gridOf({ stepNs = 1, gridNs }: TimeToLive): {
  readonly stepNs: number
  readonly gridNs: readonly [min: number, max: number]
} {
  const [minNs, maxNs] = GRID_NS.map((ns) => Math.ceil(ns / stepNs) * stepNs) as [number, number]
  return { stepNs, gridNs: gridNs ?? [minNs, maxNs] }
}
