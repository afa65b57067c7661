/** By what a policy tells flows apart: its packets' flows are those of this key. */

/**
 * `5-tuple`: the judged flow, one direction of the outer 5-tuple. `linux`: what Linux's symmetric flow hash
 * looks at (inside GRE and IP-in-IP, SPIs as ports, no fragment's ports). `rss`: what network cards hash
 * (outer addresses, ports of TCP, UDP and SCTP, no fragment's). `inner`: the innermost 5-tuple of a tunnel.
 */
export const FLOW_KEYS = ['5-tuple', 'linux', 'rss', 'inner'] as const

export type FlowKey = (typeof FLOW_KEYS)[number]

/** The keys that may differ from the judged flow, in the order of a variant's tuples. */
export const OTHER_KEYS = ['linux', 'rss', 'inner'] as const

export type OtherKey = (typeof OTHER_KEYS)[number]
