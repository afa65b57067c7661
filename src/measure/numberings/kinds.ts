/**
 * The kinds of numberings by name, and `--numbering` as text: `auto`, or names of kinds.
 */
import { didYouMean, UserError } from '../../errors.ts'
import { esp } from './esp.ts'
import { icmpEcho } from './icmp-echo.ts'
import { ipIdByAddresses, ipIdByFlow } from './ip-id.ts'
import { iperf3Udp, iperf3Udp64 } from './iperf3-udp.ts'
import type { NumberKind } from './kind.ts'
import { openvpn } from './openvpn.ts'
import { rtp } from './rtp.ts'
import { udpOffset } from './udp-offset.ts'
import { wireguard } from './wireguard.ts'

const AUTO = 'auto'
const UDP_OFFSET = 'udp-offset'
const OFFSET_MAX = 65_507

/** In the order of report.json; kinds of one name are forms of the same. */
export const numberKinds: readonly NumberKind[] = [
  wireguard,
  esp,
  openvpn,
  rtp,
  iperf3Udp,
  iperf3Udp64,
  icmpEcho,
  ipIdByFlow,
  ipIdByAddresses,
]

export const NUMBERING_NAMES: readonly string[] = [...new Set(numberKinds.map(({ name }) => name))]

/** Which numberings to take: found by themselves, or asked for, in this order of preference. */
export type Wanted = 'auto' | readonly NumberKind[]

/** @param texts as given with --numbering, in order. Throws UserError (2). */
export function wantedKinds(texts: readonly string[]): Wanted {
  const words = texts.flatMap((text) => text.split(',')).map((text) => text.trim())
  if (words.every((word) => word === AUTO)) return 'auto'
  if (words.includes(AUTO))
    throw new UserError(
      `--numbering ${words.join(', ')}: auto finds all of them - give names, or auto alone`,
      2,
    )
  return words.flatMap(kindsOf)
}

function kindsOf(word: string): NumberKind[] {
  const found = numberKinds.filter(({ name }) => name === word)
  if (found.length > 0) return found
  const names = [AUTO, ...NUMBERING_NAMES, UDP_OFFSET]
  if (word !== UDP_OFFSET && !word.startsWith(`${UDP_OFFSET}=`)) {
    const cure =
      didYouMean(word, names) || ` - one of ${names.slice(0, -1).join(', ')}, ${UDP_OFFSET}=N:BYTES:be|le`
    throw new UserError(`--numbering ${word}: unknown${cure}`, 2)
  }
  const [, offset, bytes, order] = /^udp-offset=(\d{1,5}):([1-8]):(be|le)$/.exec(word) ?? []
  if (offset === undefined || Number(offset) > OFFSET_MAX)
    throw new UserError(
      `--numbering ${word}: expected a byte from 0 to ${OFFSET_MAX}, 1 to 8 bytes, and their order - such as ${UDP_OFFSET}=4:4:be`,
      2,
    )
  return [udpOffset(Number(offset), Number(bytes), order === 'le')]
}
