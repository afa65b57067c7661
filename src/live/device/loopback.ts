/**
 * Both devices of a replay in memory, for tests and for systems without TUN: bounded rings of packets that
 * threads share. Like the real ones, the first drops a packet that finds its queue full, keeps a flow on one
 * queue, and stamps arrivals at the second when they are written. Unlike them it costs next to nothing and
 * sends nothing of its own. A ring is Vyukov's bounded queue: any number of threads on both sides, first come
 * first served.
 */
import { TCP, UDP } from '../../model/packets/flow-table.ts'
import { hashWords } from '../../model/packets/hash.ts'
import { nowNs } from '../threads/clock.ts'

/** Where the shared numbers of a ring stand. */
const TAIL = 0
const HEAD = 1
const DROPPED = 2
/** Grows with every packet that has become ready; what waiting threads sleep on. */
const PUSHED = 3
const RING_WORDS = 4

/** Plain data, posted to threads. */
export interface RingMemory {
  readonly capacityPackets: number
  /** Power of two, at least the capacity. */
  readonly slots: number
  readonly slotBytes: number
  /** Shared numbers, then a turn and a length per slot. */
  readonly words: SharedArrayBuffer
  /** A time per slot, ns. */
  readonly times: SharedArrayBuffer
  readonly bytes: SharedArrayBuffer
}

export function ringMemory(capacityPackets: number, slotBytes: number): RingMemory {
  let slots = 1
  while (slots < capacityPackets) slots *= 2
  const words = new SharedArrayBuffer((RING_WORDS + 2 * slots) * 4)
  const view = new Int32Array(words)
  for (let slot = 0; slot < slots; slot++) view[RING_WORDS + slot] = slot
  return {
    capacityPackets,
    slots,
    slotBytes,
    words,
    times: new SharedArrayBuffer(slots * 8),
    bytes: new SharedArrayBuffer(slots * slotBytes),
  }
}

/** One thread's view of a ring of packets. */
export class PacketRing {
  readonly #words: Int32Array
  readonly #times: Float64Array
  readonly #bytes: Buffer
  readonly #capacityPackets: number
  readonly #slots: number
  readonly #slotBytes: number
  /** When the packet that {@link pop} last gave was pushed, ns. */
  poppedTimeNs = 0

  constructor(memory: RingMemory) {
    this.#words = new Int32Array(memory.words)
    this.#times = new Float64Array(memory.times)
    this.#bytes = Buffer.from(memory.bytes)
    this.#capacityPackets = memory.capacityPackets
    this.#slots = memory.slots
    this.#slotBytes = memory.slotBytes
  }

  /** Appends a packet; false, and one more dropped, when the ring is full. At most slotBytes are kept. */
  push(from: Buffer, offsetBytes: number, lengthBytes: number, baseNs: bigint): boolean {
    const words = this.#words
    for (;;) {
      const tail = Atomics.load(words, TAIL)
      const slot = tail & (this.#slots - 1)
      const turn = Atomics.load(words, RING_WORDS + slot)
      if (((tail - Atomics.load(words, HEAD)) | 0) >= this.#capacityPackets || ((turn - tail) | 0) < 0) {
        // Only full if nobody else moved on meanwhile.
        if (Atomics.load(words, TAIL) !== tail) continue
        Atomics.add(words, DROPPED, 1)
        return false
      }
      if (turn !== tail || Atomics.compareExchange(words, TAIL, tail, (tail + 1) | 0) !== tail) continue
      const kept = Math.min(lengthBytes, this.#slotBytes)
      from.copy(this.#bytes, slot * this.#slotBytes, offsetBytes, offsetBytes + kept)
      words[RING_WORDS + this.#slots + slot] = kept
      this.#times[slot] = nowNs(baseNs)
      Atomics.store(words, RING_WORDS + slot, (tail + 1) | 0)
      Atomics.add(words, PUSHED, 1)
      Atomics.notify(words, PUSHED)
      return true
    }
  }

  /** Takes the first packet; its length, at most `capacityBytes`, or 0 when there is none. */
  pop(into: Buffer, offsetBytes: number, capacityBytes: number): number {
    const words = this.#words
    for (;;) {
      const head = Atomics.load(words, HEAD)
      const slot = head & (this.#slots - 1)
      const turn = Atomics.load(words, RING_WORDS + slot)
      if (turn !== ((head + 1) | 0)) {
        if (Atomics.load(words, HEAD) !== head) continue
        return 0
      }
      if (Atomics.compareExchange(words, HEAD, head, (head + 1) | 0) !== head) continue
      const kept = Math.min(words[RING_WORDS + this.#slots + slot]!, capacityBytes)
      const start = slot * this.#slotBytes
      this.#bytes.copy(into, offsetBytes, start, start + kept)
      this.poppedTimeNs = this.#times[slot]!
      Atomics.store(words, RING_WORDS + slot, (head + this.#slots) | 0)
      return kept
    }
  }

  /** Returns when a packet is there, or after `timeoutMs`. */
  wait(timeoutMs: number): void {
    const words = this.#words
    const pushed = Atomics.load(words, PUSHED)
    const head = Atomics.load(words, HEAD)
    if (Atomics.load(words, RING_WORDS + (head & (this.#slots - 1))) === ((head + 1) | 0)) return
    Atomics.wait(words, PUSHED, pushed, timeoutMs)
  }

  dropped(): number {
    return Atomics.load(this.#words, DROPPED)
  }
}

/**
 * The queue for a packet's flow, as a TUN device with several queues chooses: by a hash of both directions'
 * key.
 */
export function queueOf(bytes: Buffer, offsetBytes: number, lengthBytes: number, queues: number): number {
  if (queues === 1 || lengthBytes < 20) return 0
  const isIpv6 = bytes[offsetBytes]! >>> 4 === 6
  const addressAt = offsetBytes + (isIpv6 ? 8 : 12)
  const addressWords = isIpv6 ? 4 : 1
  const headerBytes = isIpv6 ? 40 : (bytes[offsetBytes]! & 15) * 4
  const protocol = bytes[offsetBytes + (isIpv6 ? 6 : 9)]!
  const isFragment = !isIpv6 && (bytes.readUInt16BE(offsetBytes + 6) & 0x3fff) !== 0
  const hasPorts = (protocol === TCP || protocol === UDP) && !isFragment && lengthBytes >= headerBytes + 4
  // Neither sums nor sorting depend on which end comes first.
  key.fill(0)
  for (
    let word = 0;
    word < addressWords && addressAt + 8 * addressWords <= offsetBytes + lengthBytes;
    word++
  ) {
    const source = bytes.readUInt32BE(addressAt + word * 4)
    const destination = bytes.readUInt32BE(addressAt + (addressWords + word) * 4)
    key[word] = source + destination
  }
  if (hasPorts) {
    const portsAt = offsetBytes + headerBytes
    const sourcePort = bytes.readUInt16BE(portsAt)
    const destinationPort = bytes.readUInt16BE(portsAt + 2)
    key[4] = Math.min(sourcePort, destinationPort)
    key[5] = Math.max(sourcePort, destinationPort)
  }
  return Math.floor((hashWords(key, key.length, protocol) * queues) / 2 ** 32)
}

const key = new Uint32Array(6)
