/**
 * How policies look: colour, dash and shape, the same in every chart. Known policies have theirs for ever, by
 * name; a second one of the same name (another TTL) and users' own take the free ones in order. Colours:
 * Okabe and Ito's palette without its yellow, which white paper swallows, and with grey for black, so that
 * intervals show on it; dash and shape tell apart what shares a colour, or is printed grey. Source:
 * https://jfly.uni-koeln.de/color/
 */

export interface PolicyStyle {
  readonly colour: string
  /** Dash pattern in pixels; solid is [1, 0]. */
  readonly dash: readonly number[]
  /** A symbol of Vega. */
  readonly shape: string
  /** In legends; undefined: its label. */
  readonly name?: string
}

export const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#5B5B5B']
const DASHES = [
  [1, 0],
  [6, 3],
  [2, 2],
  [10, 3, 2, 3],
  [3, 5],
  [12, 4],
]
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right']

/** In the order in which they are most often compared: the first seven differ in colour alone. */
const KNOWN = [
  'flow-pinned',
  'any-idle',
  'hash',
  'round-robin',
  'openvpn-fork',
  'drained',
  'random',
  'least-loaded',
  'shared',
  'rss',
  'two-choices',
  'flowlet',
  'linux-tun',
  'oracle',
  'maglev',
  'sprayer',
  'rendezvous',
  'split-by-protocol',
  'rss-rebalance',
  'dpdk-distributor',
  'multi-queue',
  'lowest-rtt',
  'rollover',
  'cpu',
]

/** All there are: each row of seven colours has a dash and starts with another shape. */
const STYLES: readonly PolicyStyle[] = DASHES.flatMap((dash, row) =>
  COLOURS.map((colour, column) => ({ colour, dash, shape: SHAPES[(column + row) % SHAPES.length]! })),
)

/**
 * @param labels of everything that is drawn together; beyond 42 styles repeat
 * @param aliases further labels, each of which looks like the label that it stands for
 */
export function policyStyles(
  labels: readonly string[],
  aliases: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, PolicyStyle> {
  const taken = new Set<number>()
  const places = new Map<string, number>()
  const named = [...labels].sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
  for (const label of named) {
    const place = KNOWN.indexOf(label.split(':')[0]!)
    if (place < 0 || taken.has(place)) continue
    taken.add(place)
    places.set(label, place)
  }
  let next = 0
  for (const label of labels) {
    if (places.has(label)) continue
    while (taken.has(next) && taken.size < STYLES.length) next++
    taken.add(next)
    places.set(label, next % STYLES.length)
    if (taken.size >= STYLES.length) next++
  }
  const styles = new Map(labels.map((label) => [label, STYLES[places.get(label)!]!]))
  for (const [label, line] of aliases) if (!styles.has(label)) styles.set(label, styles.get(line)!)
  return styles
}
