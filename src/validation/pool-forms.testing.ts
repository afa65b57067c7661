/**
 * Closed forms of a pool of c lanes with exponential service and a shared queue that is never empty: each
 * departure is one of the c packets in service, all equally likely, and the next number takes its place. Time
 * plays no part, so this is the plainest test of the whole chain of order metrics. Derived in the project's
 * notes.
 */

/** P(reordered) = 1 - Q(c)/c with Ramanujan's Q = 1 + (c-1)/c + (c-1)(c-2)/c^2 + ... */
export function reorderedInPool(c: number): number {
  let term = 1
  let q = 0
  for (let i = 1; i <= c; i++) {
    q += term
    term *= (c - i) / c
  }
  return 1 - q / c
}

/** Degree of n-reordering (RFC 4737 section 5): c^-(n+1) times the sum of m^n over m = 0 .. c - 1. */
export function degreeInPool(c: number, n: number): number {
  let sum = 0
  for (let m = 0; m < c; m++) sum += (m / c) ** n
  return sum / c
}

/**
 * P(displacement d) (RD, RFC 5236 section 3.6, DT = infinity): (1/c) (1 - 1/c)^(d + c - 1). Packet n + c
 * enters at departure n and leaves at each later one with 1/c, so it is at most c - 1 early.
 */
export function displacementInPool(c: number, d: number): number {
  return d < 1 - c ? 0 : (1 / c) * (1 - 1 / c) ** (d + c - 1)
}

/** Two lanes: P(b packets wait after an arrival) (RBD, RFC 5236 section 3.8, BT = infinity): 2^-(b+1). */
export function bufferedInPoolOfTwo(b: number): number {
  return 2 ** -(b + 1)
}

/**
 * P(at least 3 later packets leave first): SACK's loss rule. With `later` of the other c - 1 in service sent
 * later, and `gone` later ones gone: the packet itself leaves (1/c), an earlier one and a later follows, or a
 * later one.
 */
export function sackLostInPool(c: number): number {
  const lost = (later: number, gone: number): number => {
    if (gone === 3) return 1
    const earlier = c - 1 - later
    return ((earlier > 0 ? earlier * lost(later + 1, gone) : 0) + later * lost(later, gone + 1)) / c
  }
  return lost(0, 0)
}

/**
 * P(a packet sent at least 3 later leaves first): QUIC's packet threshold. The third departure brings such a
 * packet in, if the packet itself is still there; each departure after it is one of those (lost), itself, or
 * adds one.
 */
export function quicLostInPool(c: number): number {
  const lost = (ahead: number): number => {
    const others = c - 1 - ahead
    return (ahead + (others > 0 ? others * lost(ahead + 1) : 0)) / c
  }
  return (1 - 1 / c) ** 3 * lost(1)
}
