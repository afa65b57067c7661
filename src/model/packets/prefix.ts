/**
 * IP prefixes such as 10.8.0.0/24 or fd08::/64, as numbers. Addresses are eight groups of 16 bits, IPv4 as
 * the mapped address ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so that one comparison serves both families
 * and a mapped address is where its IPv4 address is. Text forms: RFC 4291 section 2.2.
 */

/** Eight groups of 16 bits. */
type Groups = readonly number[]

export interface Prefix {
  readonly groups: Groups
  /** Leading bits of the eight groups that count, 0..128. */
  readonly bits: number
}

const MAPPED: Groups = [0, 0, 0, 0, 0, 0xffff]

/** The prefix that the text is, or undefined where it is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', length = '', ...rest] = text.split('/')
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined
  const isV6 = address.includes(':')
  const groups = isV6 ? parseV6(address) : parseV4(address)
  const bits = Number(length)
  if (groups === undefined || bits > (isV6 ? 128 : 32)) return undefined
  return isV6 ? { groups, bits } : { groups: [...MAPPED, ...groups], bits: bits + 96 }
}

/**
 * Is the address in the prefix?
 * @param words the address in words of 32 bits: one of IPv4, four of IPv6, from `at` on
 */
export function contains({ groups, bits }: Prefix, version: number, words: Uint32Array, at: number): boolean {
  for (let group = 0, left = bits; left > 0; group++, left -= 16) {
    const found = version === 4 ? mappedGroup(words[at]!, group) : groupOf(words, at, group)
    const ignored = Math.max(0, 16 - left)
    if (found >>> ignored !== groups[group]! >>> ignored) return false
  }
  return true
}

function groupOf(words: Uint32Array, at: number, group: number): number {
  const word = words[at + (group >> 1)]!
  return group % 2 === 0 ? word >>> 16 : word & 0xffff
}

function mappedGroup(word: number, group: number): number {
  if (group < 6) return MAPPED[group]!
  return group === 6 ? word >>> 16 : word & 0xffff
}

/** Two groups, or undefined. Four decimal numbers without leading zeros, which some read as octal. */
function parseV4(text: string): Groups | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined
  const bytes = parts.map(Number)
  if (bytes.some((byte) => byte > 255)) return undefined
  return [(bytes[0]! << 8) | bytes[1]!, (bytes[2]! << 8) | bytes[3]!]
}

/** Eight groups, or undefined; `::` once stands for one or more groups of zero. */
function parseV6(text: string): Groups | undefined {
  const sides = text.split('::')
  if (sides.length > 2) return undefined
  const parsed = sides.map((side, i) => groupsIn(side, i === sides.length - 1))
  const [front, back] = parsed
  if (front === undefined) return undefined
  if (sides.length === 1) return front.length === 8 ? front : undefined
  if (back === undefined || front.length + back.length > 7) return undefined
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back]
}

/** @param mayEndInV4 the last 32 bits may be written as an IPv4 address */
function groupsIn(side: string, mayEndInV4: boolean): Groups | undefined {
  if (side === '') return []
  const groups: number[] = []
  const parts = side.split(':')
  for (const [i, part] of parts.entries()) {
    if (mayEndInV4 && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part)
      if (v4 === undefined) return undefined
      groups.push(...v4)
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}
