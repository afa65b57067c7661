/** Which policies may be recommended, and what they may drop: for verdicts, gates and texts. */

/** Policies that show what would be possible, by name. */
const YARDSTICKS: readonly string[] = ['drained']

/** Drops that are worth a word, of all packets at the source. */
export const DROPS_WORTH_A_WORD = 0.001

/** Is this label one of a yardstick's? */
export function isYardstick(label: string): boolean {
  return YARDSTICKS.includes(label.split(':')[0]!)
}
