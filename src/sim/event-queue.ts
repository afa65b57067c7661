/**
 * The future-event list: one pending event per active component (lane, link, timer, reader), not one per
 * packet. A winner tree over the components gives the next event in O(log components) without allocating.
 * Events are ordered by (time, rank, sequence): rank says which kind of component goes first at one instant,
 * and equal ranks go in the order in which they were scheduled, so a run repeats exactly.
 */

const SEQUENCES_PER_RANK = 2 ** 45

export class EventQueue {
  /** Time of the next event in ns; Infinity when nothing is pending. */
  nextTimeNs = Number.POSITIVE_INFINITY
  /** Component of the next event; meaningless when nothing is pending. */
  nextComponent = 0

  private readonly size: number
  /**
   * Per component the time of its event, ns; Infinity for none. Whoever sets one calls {@link moved} right
   * after.
   */
  readonly timeNs: Float64Array
  private readonly order: Float64Array
  private readonly rankOffset: Float64Array
  /** winner[1] is the root; leaf i stands at size + i. */
  private readonly winner: Int32Array
  private sequence = 0

  /** @param ranks one entry per component: lower goes first at the same time; 0..100 */
  constructor(ranks: readonly number[]) {
    let size = 2
    while (size < ranks.length) size *= 2
    this.size = size
    this.timeNs = new Float64Array(size).fill(Number.POSITIVE_INFINITY)
    this.order = new Float64Array(size)
    this.rankOffset = Float64Array.from({ length: size }, (_, i) => (ranks[i] ?? 0) * SEQUENCES_PER_RANK)
    this.winner = new Int32Array(size * 2)
    for (let i = 0; i < size; i++) this.winner[size + i] = i
    for (let i = size - 1; i >= 1; i--) this.winner[i] = this.winner[2 * i]!
  }

  /** Sets the component's one event to `timeNs` (replacing a pending one). */
  schedule(component: number, timeNs: number): void {
    this.timeNs[component] = timeNs
    this.moved(component)
  }

  /** The component's event has got the time that stands in {@link timeNs}. */
  moved(component: number): void {
    this.order[component] = this.rankOffset[component]! + this.sequence++
    this.replay(component)
  }

  /** Takes the component's event away, if it has one. */
  cancel(component: number): void {
    this.timeNs[component] = Number.POSITIVE_INFINITY
    this.replay(component)
  }

  /** Time of the component's pending event in ns, or Infinity. */
  timeOf(component: number): number {
    return this.timeNs[component]!
  }

  /** Is nothing pending but, maybe, the event of this component? */
  onlyOf(component: number): boolean {
    return this.timeNs.every((timeNs, i) => i === component || timeNs === Number.POSITIVE_INFINITY)
  }

  // For a loop that keeps the events of the first components itself (lookahead/fast-path.ts): it asks whether
  // there are others, and in which order its own were scheduled; when it ends it sets `timeNs`, stamps them
  // in that order and rebuilds the tree.

  /** Is nothing pending but events of the first `count` components? */
  onlyBelow(count: number): boolean {
    for (let i = count; i < this.size; i++) if (this.timeNs[i]! < Number.POSITIVE_INFINITY) return false
    return true
  }

  /** Grows with the moment at which the component's event was scheduled, among components of one rank. */
  orderOf(component: number): number {
    return this.order[component]!
  }

  /** The component's event is the one scheduled last. */
  stamp(component: number): void {
    this.order[component] = this.rankOffset[component]! + this.sequence++
  }

  /** Brings the tree up to date with {@link timeNs}. */
  rebuild(): void {
    for (let node = this.size - 1; node >= 1; node--) this.play(node)
    this.announce()
  }

  private replay(component: number): void {
    for (let node = (this.size + component) >> 1; node >= 1; node >>= 1) this.play(node)
    this.announce()
  }

  /** The earlier event of the two below a node. */
  private play(node: number): void {
    const { winner, timeNs, order } = this
    const a = winner[2 * node]!
    const b = winner[2 * node + 1]!
    const timeA = timeNs[a]!
    const timeB = timeNs[b]!
    winner[node] = timeA < timeB || (timeA === timeB && order[a]! <= order[b]!) ? a : b
  }

  private announce(): void {
    this.nextComponent = this.winner[1]!
    this.nextTimeNs = this.timeNs[this.nextComponent]!
  }
}
