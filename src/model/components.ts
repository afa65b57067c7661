/**
 * The parts of a pipeline that have an event each in the future-event list, by number: lanes from 0, then
 * links, receivers, the news of lanes that are seen late, the policy's timer, the reader, the end of the
 * warm-up, the release's timer. At one instant departures and timers come first, then the reader.
 */
export class Components {
  readonly links: number
  readonly receivers: number
  readonly feedback: number
  readonly timer: number
  readonly reader: number
  readonly sample: number
  readonly release: number
  /** For the event list: lower goes first at one instant. */
  readonly ranks: readonly number[]

  constructor(lanes: number, links: number, receivers: number, hasFeedback: boolean) {
    this.links = lanes
    this.receivers = lanes + links
    this.feedback = this.receivers + receivers
    this.timer = this.feedback + (hasFeedback ? 1 : 0)
    this.reader = this.timer + 1
    this.sample = this.timer + 2
    this.release = this.timer + 3
    this.ranks = [...new Array<number>(this.timer).fill(0), 1, 2, 0, 0]
  }
}
