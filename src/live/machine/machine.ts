/**
 * What this machine can do, in a few seconds: encryption of a packet, which is what a lane of a replay with
 * real work does; writing it to a TUN device; and how long a sleeping lane takes to wake up. One after the
 * other, so that none disturbs another; what other programs do meanwhile is in it.
 */
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import { UDP } from '../../model/packets/flow-table.ts'
import type { DeviceOpener } from '../device/opener.ts'
import { closeTun, TunQueue } from '../device/tun.ts'
import { clockBase } from '../threads/clock.ts'
import { Pause, type RunClock } from '../threads/pause.ts'
import { newCells } from '../threads/shared-counters.ts'
import { workOf } from '../threads/work.ts'
import type { Cipher } from './ciphers.ts'
import { type Cost, costOf } from './cost.ts'
import { quantileOf } from './quantiles.ts'
import { SIZES_BYTES, timed } from './timed.ts'
import { wakeUps } from './wake-up.ts'

export interface MeasuredMachine {
  readonly cores: number
  readonly encryption: Readonly<Record<Cipher, Cost>>
  /** null where there is no device. */
  readonly tunWrite: Cost | null
  readonly wakeUp: WakeUp
  /** In the order in which they were taken. */
  readonly wakeUpNs: Float64Array
  /** Day of the measurement, in UTC. */
  readonly date: string
}

/** From a notice to a sleeping thread to its beginning, ns. */
export interface WakeUp {
  readonly count: number
  readonly nsP50: number
  readonly nsP90: number
  readonly nsP99: number
  readonly nsP999: number
  readonly nsMax: number
}

export interface MachineRequest {
  /** Of the whole, shared by its parts. */
  readonly lengthNs: number
  /** Opens the TUN device; undefined: there is none. */
  readonly opener: DeviceOpener | undefined
  readonly signal: AbortSignal
}

/** Shares of the time: of each cipher, of writing, of waking up, which takes most of it for its tail. */
const CIPHER_SHARE = 0.2
const WRITE_SHARE = 0.2
const WAKE_SHARE = 0.4
const WAKES_MIN = 20
const SIZE_BYTES_MAX = Math.max(...SIZES_BYTES)
/** A device that has just come up may not take packets yet. */
const UP_TRIES = 100
const UP_MS = 5

const IP_BYTES = 20
const HOPS = 64
/** 10.9.0.1 and 10.9.0.2 */
const SOURCE = 0x0a090001
const DESTINATION = 0x0a090002
const PORT = 5201

/** @throws UserError where the system refuses, the signal's reason */
export async function measureMachine({ lengthNs, opener, signal }: MachineRequest): Promise<MeasuredMachine> {
  const clock: RunClock = { baseNs: clockBase(), startNs: 0 }
  const encrypted = async (cipher: Cipher) => costOf(await encrypting(cipher, lengthNs, clock, signal))
  const encryption = {
    'aes-256-gcm': await encrypted('aes-256-gcm'),
    'chacha20-poly1305': await encrypted('chacha20-poly1305'),
  }
  const tunWrite = opener === undefined ? null : costOf(await tunWrites(opener, lengthNs, clock, signal))
  const wakeUpNs = await sleepers(lengthNs, clock, signal)
  return {
    cores: availableParallelism(),
    encryption,
    tunWrite,
    wakeUp: summaryOf(wakeUpNs),
    wakeUpNs,
    date: new Date().toISOString().slice(0, 10),
  }
}

function encrypting(cipher: Cipher, lengthNs: number, clock: RunClock, signal: AbortSignal) {
  const work = workOf(cipher, new Pause(clock, 0, newCells(1)))
  const bytes = Buffer.from(new SharedArrayBuffer(SIZE_BYTES_MAX)).fill(7)
  return timed((sizeBytes) => work(bytes, 0, sizeBytes, 0, 0), CIPHER_SHARE * lengthNs, clock, signal)
}

/** Writes packets that the kernel takes in and then drops, as the device has no address. */
async function tunWrites(opener: DeviceOpener, lengthNs: number, clock: RunClock, signal: AbortSignal) {
  const device = opener.tun({ mtuBytes: SIZE_BYTES_MAX, queueLengthPackets: 500, queues: 1 })
  try {
    const queue = new TunQueue(device.fds[0]!)
    const packets = new Map(SIZES_BYTES.map((sizeBytes) => [sizeBytes as number, packetOf(sizeBytes)]))
    const write = (sizeBytes: number) => queue.write(packets.get(sizeBytes)!, 0, sizeBytes)
    let errno = write(SIZE_BYTES_MAX)
    for (let tried = 0; errno !== 0 && tried < UP_TRIES; tried++) {
      await sleep(UP_MS)
      signal.throwIfAborted()
      errno = write(SIZE_BYTES_MAX)
    }
    if (errno !== 0) {
      throw new UserError(`calibrate: the TUN device takes no packets (error ${errno}) - run it again`)
    }
    return await timed(write, WRITE_SHARE * lengthNs, clock, signal)
  } finally {
    closeTun(device)
  }
}

/** A UDP packet of that size, with the headers of RFC 791 and RFC 768; its payload has no checksum. */
function packetOf(sizeBytes: number): Buffer {
  const packet = Buffer.alloc(sizeBytes)
  packet[0] = 0x45
  packet.writeUInt16BE(sizeBytes, 2)
  packet[8] = HOPS
  packet[9] = UDP
  packet.writeUInt32BE(SOURCE, 12)
  packet.writeUInt32BE(DESTINATION, 16)
  let sum = 0
  for (let at = 0; at < IP_BYTES; at += 2) sum += packet.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  packet.writeUInt16BE(~sum & 0xffff, 10)
  packet.writeUInt16BE(PORT, IP_BYTES)
  packet.writeUInt16BE(PORT, IP_BYTES + 2)
  packet.writeUInt16BE(sizeBytes - IP_BYTES, IP_BYTES + 4)
  return packet
}

async function sleepers(lengthNs: number, clock: RunClock, signal: AbortSignal): Promise<Float64Array> {
  const woken = await wakeUps(WAKE_SHARE * lengthNs, clock, signal)
  if (woken.length >= WAKES_MIN) return woken
  throw new UserError(
    `calibrate: a sleeping thread was woken ${woken.length} times only, which says too little - give it longer (-d 10s), or end other programs`,
  )
}

function summaryOf(timesNs: Float64Array): WakeUp {
  const sorted = timesNs.slice().sort()
  const [nsP50, nsP90, nsP99, nsP999] = [0.5, 0.9, 0.99, 0.999].map((q) => quantileOf(sorted, q)) as [
    number,
    number,
    number,
    number,
  ]
  return { count: sorted.length, nsP50, nsP90, nsP99, nsP999, nsMax: quantileOf(sorted, 1) }
}
