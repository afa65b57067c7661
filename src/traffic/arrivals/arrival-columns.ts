/**
 * Which column of an arrival file holds what. Names are lanewise's own (sequence, flow, sentNs, receivedNs,
 * sizeBytes, times also in Us, Ms and S), those of tshark -T fields (esp.sequence, frame.time_epoch), or any
 * others that `--map` names. An own or mapped name goes before tshark's, and of several names of tshark's for
 * one thing the first below is taken; a line says so. Flows are told apart by all of their columns together.
 */
import { didYouMean, UserError } from '../../errors.ts'

/** What a file may be mapped to; times by their unit. */
export const OWN_NAMES = [
  'sequence',
  'flow',
  ...['sentNs', 'sentUs', 'sentMs', 'sentS'],
  ...['receivedNs', 'receivedUs', 'receivedMs', 'receivedS'],
  'sizeBytes',
] as const
export type OwnName = (typeof OWN_NAMES)[number]
/** Own names to columns of the file; a flow may be made of several. */
export type ColumnMap = ReadonlyMap<OwnName, readonly string[]>

export const USUAL_HEADER = 'sequence,flow,sentNs,receivedNs,sizeBytes'

export interface Column {
  /** Place in the row. */
  readonly at: number
  /** As the file has it. */
  readonly name: string
}

export interface SequenceColumn extends Column {
  /** Width of the numbers, where the protocol says it; `none`: they don't wrap. */
  readonly bits: number | 'none' | undefined
  /** A column of one protocol's: it may be empty, for packets of others, and hexadecimal. */
  readonly isOfProtocol: boolean
}

export interface TimeColumn extends Column {
  readonly side: 'sent' | 'received'
  readonly unit: TimeUnit
}

export type TimeUnit = 'Ns' | 'Us' | 'Ms' | 'S'

export interface Columns {
  readonly sequence: SequenceColumn
  readonly flow: readonly Column[]
  readonly sent: TimeColumn | undefined
  readonly received: TimeColumn | undefined
  readonly size: Column | undefined
  /** What isn't used, in words: to be opened by the place of the header. */
  readonly notes: readonly string[]
}

export type FoundColumns = Omit<Columns, 'sequence'> & { readonly sequence: SequenceColumn | undefined }

/** Throws what is wrong with the header; `where` names a column or is empty. */
export type Fail = (where: string, what: string) => never

/** What gives the addresses of a packet; the first two make up its flow with the others that are there. */
export const ADDRESS_NAMES = ['source', 'destination', 'protocol', 'sourcePort', 'destinationPort'] as const

/** Characters of a name that a message shows. */
const SHOWN_MAX = 40

/** tshark's numbers of packets and their width, where they wrap: of tunnels first, IP's own last. */
const SEQUENCES: ReadonlyArray<readonly [name: string, bits: number | 'none']> = [
  ['wg.counter', 'none'],
  ['esp.sequence', 32],
  ['ah.sequence', 32],
  ['openvpn.pid', 32],
  ['rtp.extseq', 32],
  ['rtp.seq', 16],
  ['iperf3.sequence', 'none'],
  ['iperf2.udp.sequence', 'none'],
  ['quic.packet_number', 'none'],
  ['dtls.record.sequence_number', 48],
  ['gre.sequence_number', 32],
  ['l2tp.Ns', 16],
  ['openvpn.mpid', 32],
  ['icmp.seq', 16],
  ['icmp.seq_le', 16],
  ['icmpv6.echo.sequence_number', 16],
  ['wlan.seq', 12],
  ['ip.id', 16],
]
const FLOWS: readonly string[] = [
  ...ADDRESS_NAMES,
  ...['ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'ip.proto'],
  ...['udp.srcport', 'udp.dstport', 'tcp.srcport', 'tcp.dstport', 'sctp.srcport', 'sctp.dstport'],
  ...['wg.receiver', 'esp.spi', 'ah.spi', 'rtp.ssrc', 'gre.key', 'openvpn.peerid', 'openvpn.sessionid'],
  ...['icmp.ident', 'icmpv6.echo.identifier', 'l2tp.tunnel', 'l2tp.session', 'quic.dcid'],
  ...['dtls.record.epoch', 'wlan.ta', 'wlan.ra'],
]
/** Seconds. */
const ARRIVALS = ['frame.time_epoch', 'frame.time_relative']
const SIZES = ['ip.len', 'frame.len']

export function shownName(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text
}

/** @throws UserError (2) for a column that `map` names and that isn't there */
export function columnsOf(header: readonly string[], map: ColumnMap, fail: Fail): Columns {
  const { sequence = noSequence(header, fail), ...others } = foundColumns(header, map, fail)
  return { ...others, sequence }
}

/** {@link columnsOf}, whether packets are numbered or not. */
export function foundColumns(header: readonly string[], map: ColumnMap, fail: Fail): FoundColumns {
  const all = header.map((name, at) => ({ name, at }))
  const used = new Set<number>()
  const notes: string[] = []
  const placeOf = (name: string): Column | undefined => {
    const [first, second] = all.filter((column) => column.name === name)
    if (second !== undefined) fail(name, 'stands there twice - leave one out')
    return first
  }
  const own = new Map<OwnName, readonly Column[]>()
  for (const name of OWN_NAMES) {
    const mapped = map.get(name)
    const place = placeOf(name)
    const columns = mapped?.map((one) => placeOf(one) ?? notThere(one, header))
    const found = columns ?? (place === undefined ? [] : [place])
    if (found.length === 0) continue
    own.set(name, found)
    for (const { at } of found) used.add(at)
  }
  /** tshark's, in their order of preference. */
  const known = (names: readonly string[]): Column[] => {
    const found = names.flatMap((name) => placeOf(name) ?? [])
    for (const { at } of found) used.add(at)
    return found
  }

  const ownSequence = own.get('sequence')?.[0]
  const sequences = known(SEQUENCES.map(([name]) => name)).filter(({ at }) => at !== ownSequence?.at)
  if (ownSequence === undefined && sequences.length > 1) {
    const [taken, other] = sequences
    notes.push(
      `packets are numbered by ${taken!.name}, not by ${other!.name} - to go by that: --map sequence=${other!.name}`,
    )
  }
  const sequence = ownSequence ?? sequences[0]
  const protocol = SEQUENCES.find(([name]) => name === sequence?.name)

  const flows = known(FLOWS)
  const ofArrival = known(ARRIVALS)[0]
  const received = timeOf('received', own, map, fail)
  const sent = timeOf('sent', own, map, fail)
  const sizes = known(SIZES)
  const unused = all.filter(({ at }) => !used.has(at))
  if (unused.length > 0) {
    const some = unused.map(({ name }) => `"${shownName(name)}"${insteadOf(name)}`)
    notes.push(`not used: ${some.join(', ')}`)
  }
  return {
    sequence: sequence && { ...sequence, bits: protocol?.[1], isOfProtocol: sequence.name !== 'sequence' },
    flow: own.get('flow') ?? flows.filter(({ at }) => at !== sequence?.at),
    sent,
    received: received ?? (ofArrival && { ...ofArrival, side: 'received', unit: 'S' }),
    size: own.get('sizeBytes')?.[0] ?? sizes[0],
    notes,
  }
}

function timeOf(
  side: 'sent' | 'received',
  own: ReadonlyMap<OwnName, readonly Column[]>,
  map: ColumnMap,
  fail: Fail,
): TimeColumn | undefined {
  const units = (['Ns', 'Us', 'Ms', 'S'] as const).filter((unit) => own.has(`${side}${unit}`))
  const mapped = units.filter((unit) => map.has(`${side}${unit}`))
  const [unit, other] = mapped.length > 0 ? mapped : units
  if (unit === undefined) return undefined
  if (other !== undefined) fail('', `${side}${unit} and ${side}${other} are the same times - leave one out`)
  return { ...own.get(`${side}${unit}`)![0]!, side, unit }
}

function noSequence(header: readonly string[], fail: Fail): never {
  const alike = header.find((column) => didYouMean(column, ['sequence']) !== '')
  const found = shownName(header.join(', '))
  const tcp = header.includes('tcp.seq') || header.includes('tcp.seq_raw')
  const cure = tcp
    ? 'tcp.seq counts bytes, not packets: give the captures of both sides instead, --sent and --received'
    : alike === undefined
      ? `name the columns in the first line: ${USUAL_HEADER} - or tell which is which: --map sequence=${plainName(header[0]!)}`
      : `rename "${shownName(alike)}"`
  return fail('sequence', `is missing (there is: ${found}) - ${cure}`)
}

/** What to have instead of a column that isn't used. */
function insteadOf(name: string): string {
  return name === 'frame.time' ? ' - export frame.time_epoch' : didYouMean(name, OWN_NAMES)
}

function plainName(name: string): string {
  return /^[\w.-]{1,40}$/.test(name) ? name : 'NAME'
}

function notThere(name: string, header: readonly string[]): never {
  const alike = didYouMean(name, header)
  const there = `there is: ${shownName(header.join(', '))}`
  throw new UserError(
    `--map: the file has no column "${shownName(name)}" (${there})${alike === '' ? ' - name one of these' : alike}`,
    2,
  )
}

/**
 * `sequence=wg.counter,receivedS=frame.time_epoch`; each text may name several, and the columns of a flow are
 * joined by +. Throws a UserError (2).
 */
export function parseColumnMap(texts: readonly string[]): ColumnMap {
  const map = new Map<OwnName, readonly string[]>()
  const wrong = (text: string, what: string): never => {
    throw new UserError(`--map ${text}: ${what}`, 2)
  }
  for (const text of texts) {
    for (const part of text.split(',')) {
      const [key = '', ...rest] = part.split('=')
      const value = rest.join('=').trim()
      const name = OWN_NAMES.find((one) => one === key.trim())
      if (rest.length === 0 || value === '')
        return wrong(text, 'expected what=column - such as sequence=wg.counter,receivedS=frame.time_epoch')
      if (name === undefined) {
        const alike = didYouMean(key.trim(), OWN_NAMES)
        return wrong(text, `unknown "${shownName(key.trim())}"${alike || ` - give ${OWN_NAMES.join(', ')}`}`)
      }
      if (map.has(name)) return wrong(text, `${name} is given twice - leave one out`)
      const columns = name === 'flow' ? value.split('+').map((one) => one.trim()) : [value]
      map.set(name, columns)
    }
  }
  for (const side of ['sent', 'received']) {
    const [first, second] = [...map.keys()].filter((name) => name.startsWith(side))
    if (second !== undefined)
      return wrong(texts.join(','), `${first} and ${second} are the same times - leave one out`)
  }
  const columns = [...map.values()].flat()
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined)
    return wrong(texts.join(','), `the column "${shownName(twice)}" is given twice - leave one out`)
  return map
}
