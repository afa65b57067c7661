/**
 * Flows: who sends to whom. A flow is one direction of one 5-tuple (IP version, source, destination,
 * protocol, ports); packets without ports (ICMP, later fragments) form flows by addresses and protocol alone.
 * Flows get dense numbers in order of first appearance, so that everything kept per flow is an array. Key
 * fields live in typed-array columns: a flow costs about 100 bytes however many there are.
 */
import { grown } from '../../sim/grown.ts'
import { FlowVariants } from './flow-variants.ts'
import { hashWords } from './hash.ts'
import { HashIndex } from './hash-index.ts'

/** IP protocol numbers. */
export const TCP = 6
export const UDP = 17

/** Ports of a flow without ports. */
export const NO_PORT = -1

/**
 * One flow, as policies see it: a stable window on the table's columns. Safe to keep. All policies get the
 * same object, so it is frozen: whoever writes to it gets a TypeError.
 */
export class Flow {
  readonly #table: FlowTable
  readonly #index: number

  constructor(table: FlowTable, index: number) {
    this.#table = table
    this.#index = index
    Object.freeze(this)
  }

  /** Dense number from 0 in order of first appearance. */
  get index(): number {
    return this.#index
  }
  /** 4 or 6. */
  get version(): number {
    return this.#table.version[this.#index]!
  }
  /** IP protocol number: 6 TCP, 17 UDP. */
  get protocol(): number {
    return this.#table.protocol[this.#index]!
  }
  /** 0..65535, or -1 without ports. */
  get sourcePort(): number {
    return this.#table.sourcePort[this.#index]!
  }
  /** 0..65535, or -1 without ports. */
  get destinationPort(): number {
    return this.#table.destinationPort[this.#index]!
  }
  /** Word 0..3 of the source address, big-endian, unsigned; IPv4 uses word 0 and leaves the others 0. */
  sourceWord(word: number): number {
    return this.#table.address[this.#index * 8 + word]!
  }
  /** Word 0..3 of the destination address, big-endian, unsigned; IPv4 uses word 0. */
  destinationWord(word: number): number {
    return this.#table.address[this.#index * 8 + 4 + word]!
  }
  /** 32-bit hash of the directed 5-tuple. */
  get hash5Tuple(): number {
    return this.#table.hash5Tuple[this.#index]!
  }
  /** 32-bit hash that is the same for both directions of a 5-tuple. */
  get hashSymmetric(): number {
    return this.#table.hashSymmetric[this.#index]!
  }
  /** 32-bit hash of the directed address pair and protocol. */
  get hash3Tuple(): number {
    return this.#table.hash3Tuple[this.#index]!
  }
  /** 32-bit hash of the address pair, the same for both directions. */
  get hashAddressPair(): number {
    return this.#table.hashAddressPair[this.#index]!
  }
  /** Dense number of the directed (source, destination, protocol). */
  get tripleIndex(): number {
    return this.#table.tripleIndex[this.#index]!
  }
  /** Dense number of the unordered address pair. */
  get pairIndex(): number {
    return this.#table.pairIndex[this.#index]!
  }
  /** "10.0.0.1:80 > 10.0.0.2:4000/tcp", addresses as RFC 5952 writes them. */
  toString(): string {
    return this.#table.describe(this.#index)
  }
}

/** Interns flow keys. Adding a key that is there returns its number; nothing is ever removed. */
export class FlowTable {
  /** Number of flows. */
  count = 0
  /** 8 words per flow: source, then destination. */
  address = new Uint32Array(8 * 256)
  version = new Uint8Array(256)
  protocol = new Uint8Array(256)
  sourcePort = new Int32Array(256)
  destinationPort = new Int32Array(256)
  hash5Tuple = new Uint32Array(256)
  hashSymmetric = new Uint32Array(256)
  hash3Tuple = new Uint32Array(256)
  hashAddressPair = new Uint32Array(256)
  tripleIndex = new Int32Array(256)
  pairIndex = new Int32Array(256)

  /** The key being looked up: 4 source words, 4 destination words. Fill it, then call {@link intern}. */
  readonly key = new Uint32Array(8)
  /** The packets that some key takes for another flow, made of {@link keyTuples}. */
  readonly variants = new FlowVariants()
  private others: FlowTable | undefined
  private readonly flows: Flow[] = []
  private readonly tuples = new HashIndex()
  private readonly triples = new HashIndex()
  private readonly pairs = new HashIndex()

  /**
   * The number of the flow whose addresses stand in {@link key}; a new one where it is unknown.
   * @param version 4 or 6; for 4 the words 1..3 of both addresses must be 0
   * @param protocol IP protocol number
   * @param sourcePort 0..65535 or NO_PORT
   * @param destinationPort 0..65535 or NO_PORT
   */
  intern(version: number, protocol: number, sourcePort: number, destinationPort: number): number {
    const hash = lookupHash(this.key, version, protocol, sourcePort, destinationPort)
    const flow = this.search(hash, version, protocol, sourcePort, destinationPort)
    return flow >= 0 ? flow : this.add(hash, version, protocol, sourcePort, destinationPort)
  }

  /** Number of directed (source, destination, protocol), and of unordered address pairs. */
  get tripleCount(): number {
    return this.triples.count
  }
  get pairCount(): number {
    return this.pairs.count
  }

  /** What keys take packets for that aren't what their flow says; their numbers are their own. */
  get keyTuples(): FlowTable {
    this.others ??= new FlowTable()
    return this.others
  }

  /** The number of the flow in the other direction, or -1 while there is none. Overwrites {@link key}. */
  reverseOf(index: number): number {
    const { key, address } = this
    for (let i = 0; i < 8; i++) key[i] = address[index * 8 + (i ^ 4)]!
    const version = this.version[index]!
    const protocol = this.protocol[index]!
    const from = this.destinationPort[index]!
    const to = this.sourcePort[index]!
    return this.search(lookupHash(key, version, protocol, from, to), version, protocol, from, to)
  }

  /** The flow with number `index`; always the same object. */
  get(index: number): Flow {
    let flow = this.flows[index]
    if (flow === undefined) {
      flow = new Flow(this, index)
      this.flows[index] = flow
    }
    return flow
  }

  describe(index: number): string {
    const version = this.version[index]!
    const end = (offset: number, port: number): string => {
      const words = this.address.subarray(index * 8 + offset, index * 8 + offset + 4)
      if (version === 4) return port === NO_PORT ? dotted(words[0]!) : `${dotted(words[0]!)}:${port}`
      return port === NO_PORT ? colons(words) : `[${colons(words)}]:${port}`
    }
    const protocol = this.protocol[index]!
    const name =
      protocol === TCP ? 'tcp' : protocol === UDP ? 'udp' : protocol === 1 ? 'icmp' : `proto-${protocol}`
    return `${end(0, this.sourcePort[index]!)} > ${end(4, this.destinationPort[index]!)}/${name}`
  }

  private search(
    hash: number,
    version: number,
    protocol: number,
    sourcePort: number,
    destinationPort: number,
  ): number {
    let flow = this.tuples.first(hash)
    while (flow >= 0) {
      if (
        this.sourcePort[flow] === sourcePort &&
        this.destinationPort[flow] === destinationPort &&
        this.protocol[flow] === protocol &&
        this.version[flow] === version &&
        this.sameAddresses(flow, 0)
      ) {
        return flow
      }
      flow = this.tuples.next(flow)
    }
    return -1
  }

  private sameAddresses(flow: number, swapped: 0 | 4): boolean {
    const base = flow * 8
    for (let i = 0; i < 8; i++) {
      if (this.address[base + i] !== this.key[i ^ swapped]) return false
    }
    return true
  }

  private add(hash: number, version: number, protocol: number, sourcePort: number, destinationPort: number) {
    const flow = this.count
    if (flow === this.version.length) this.grow()
    this.count++
    const key = this.key
    this.address.set(key, flow * 8)
    this.version[flow] = version
    this.protocol[flow] = protocol
    this.sourcePort[flow] = sourcePort
    this.destinationPort[flow] = destinationPort
    this.tuples.add(hash, flow)

    const tripleHash = hashWords(key, 8, (protocol << 8) ^ version)
    let twin = this.triples.first(tripleHash)
    while (twin >= 0) {
      if (this.protocol[twin] === protocol && this.version[twin] === version && this.sameAddresses(twin, 0))
        break
      twin = this.triples.next(twin)
    }
    if (twin < 0) this.triples.add(tripleHash, flow)
    this.tripleIndex[flow] = twin < 0 ? this.triples.count - 1 : this.tripleIndex[twin]!

    const swap = sourceIsHigher(key)
    const ordered = swap ? swapped(key) : key
    const pairHash = hashWords(ordered, 8, version)
    twin = this.pairs.first(pairHash)
    while (twin >= 0) {
      if (this.version[twin] === version && (this.sameAddresses(twin, 0) || this.sameAddresses(twin, 4)))
        break
      twin = this.pairs.next(twin)
    }
    if (twin < 0) this.pairs.add(pairHash, flow)
    this.pairIndex[flow] = twin < 0 ? this.pairs.count - 1 : this.pairIndex[twin]!

    const ports = (sourcePort << 16) ^ (destinationPort & 0xffff)
    this.hash5Tuple[flow] = hashWords(key, 8, ports ^ (protocol << 8) ^ version)
    this.hash3Tuple[flow] = tripleHash
    this.hashAddressPair[flow] = pairHash
    const sameHost = !swap && !sourceIsHigher(swapped(key))
    const portsSwap = sameHost ? sourcePort > destinationPort : swap
    const low = portsSwap ? destinationPort : sourcePort
    const high = portsSwap ? sourcePort : destinationPort
    this.hashSymmetric[flow] = hashWords(
      ordered,
      8,
      (low << 16) ^ (high & 0xffff) ^ (protocol << 8) ^ version,
    )
    return flow
  }

  private grow(): void {
    const length = this.version.length * 2
    this.address = grown(this.address, length * 8)
    this.version = grown(this.version, length)
    this.protocol = grown(this.protocol, length)
    this.sourcePort = grown(this.sourcePort, length)
    this.destinationPort = grown(this.destinationPort, length)
    this.hash5Tuple = grown(this.hash5Tuple, length)
    this.hashSymmetric = grown(this.hashSymmetric, length)
    this.hash3Tuple = grown(this.hash3Tuple, length)
    this.hashAddressPair = grown(this.hashAddressPair, length)
    this.tripleIndex = grown(this.tripleIndex, length)
    this.pairIndex = grown(this.pairIndex, length)
  }
}

/**
 * Where in the index a key stands: cheaper than the hashes that policies see, since IPv4 has two words of
 * address, not eight, and it is computed for every packet.
 */
function lookupHash(
  key: Uint32Array,
  version: number,
  protocol: number,
  sourcePort: number,
  destinationPort: number,
): number {
  // Multiplied, because neighbouring ports and neighbouring addresses would cancel each other out.
  const ports = Math.imul((sourcePort << 16) ^ (destinationPort & 0xffff), 0x9e3779b1)
  let hash = stir(key[0]! ^ ports)
  hash = stir(hash ^ key[4]! ^ (protocol << 8) ^ version)
  if (version === 4) return hash
  for (let word = 1; word < 4; word++) hash = stir(stir(hash ^ key[word]!) ^ key[word + 4]!)
  return hash
}

/** One round of MurmurHash3's finish: every bit of the result depends on all bits below it. */
function stir(value: number): number {
  const product = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  return product ^ (product >>> 13)
}

function sourceIsHigher(key: Uint32Array): boolean {
  for (let i = 0; i < 4; i++) {
    if (key[i] !== key[i + 4]) return key[i]! > key[i + 4]!
  }
  return false
}

function swapped(key: Uint32Array): Uint32Array {
  const other = new Uint32Array(8)
  other.set(key.subarray(4, 8), 0)
  other.set(key.subarray(0, 4), 4)
  return other
}

function dotted(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

/** RFC 5952: lower-case hex, the longest run of two or more zero groups as "::". */
function colons(words: Uint32Array): string {
  const groups = Array.from(words).flatMap((word) => [word >>> 16, word & 0xffff])
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let j = i
    while (j < 8 && groups[j] === 0) j++
    if (j - i > length) {
      start = i
      length = j - i
    }
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`
}
