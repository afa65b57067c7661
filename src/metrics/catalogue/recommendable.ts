/**
 * Which policies may be recommended, and what they may drop: for verdicts, gates, tables and charts.
 * Yardsticks are policies that nobody can choose: they know what is in flight, as no real system does, and
 * show what would be possible. Wherever people read a comparison they are marked as such, and a verdict never
 * names them; in a replay there is no mark.
 */
const YARDSTICKS: readonly string[] = ['drained']

/** Drops that are worth a word, of all packets at the source. */
export const DROPS_WORTH_A_WORD = 0.001

/** @param label of a policy; a remark behind a space may follow */
export function isYardstick(label: string): boolean {
  return YARDSTICKS.includes(label.split(/[: ]/)[0]!)
}

/** What stands behind the label of a yardstick; nothing behind others. */
export function yardstickMark(label: string): string {
  return isYardstick(label) ? ' (yardstick)' : ''
}
