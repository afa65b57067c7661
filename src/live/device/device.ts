/**
 * The two devices of a replay, as its threads use them: packets are sent into the first and read from it;
 * what is written to the second is collected there, with the time of its arrival. Real TUN devices or memory
 * (loopback): the handle is plain data, and each thread opens its own end from it. Ends aren't shared between
 * threads.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import { clockBase, nowNs } from '../threads/clock.ts'
import { PacketRing, queueOf, type RingMemory, ringMemory } from './loopback.ts'
import { interfaceCounters } from './net-dev.ts'
import { type DeviceOpener, openHere } from './opener.ts'
import { BATCH_PACKETS, keepStamping, PacketReceiver, PacketSender } from './packet-socket.ts'
import { systemCalls } from './system.ts'
import { closeTun, type TunDevice, TunQueue } from './tun.ts'

/** What threads need to open their end; plain data, posted to them. */
export type DeviceHandle = TunHandle | LoopbackHandle

interface CommonHandle {
  /** The base of the clock of the collected times (clock.ts). */
  readonly baseNs: bigint
  /** Int32: packets sent, writes refused. */
  readonly counts: SharedArrayBuffer
}

export interface TunHandle extends CommonHandle {
  readonly kind: 'tun'
  readonly first: TunDevice
  readonly second: TunDevice
  /** Descriptors of packet sockets for the injector and the collector, one thread each. */
  readonly sendSocket: number
  readonly collectSocket: number
}

export interface LoopbackHandle extends CommonHandle {
  readonly kind: 'loopback'
  /** One per queue. */
  readonly first: readonly RingMemory[]
  readonly second: RingMemory
}

export interface DeviceSettings {
  /** Of both devices: larger packets can't be sent. */
  readonly mtuBytes: number
  /** Of each queue of the first device. */
  readonly queueLengthPackets: number
  /** More than one: the device (its kernel) puts each flow on a queue of its choice. */
  readonly queues: number
  /** Of the collector; default 64 MiB. Small packets take about 1 KiB each of it. */
  readonly receiveBufferBytes?: number
  /** Default: the moment of opening. */
  readonly baseNs?: bigint
}

export interface DeviceCounters {
  /** Packets that the first device dropped because its queue was full. */
  readonly tunDropped: number
  /**
   * Packets that the kernel itself sent on either device; exact once the first device's queue has been read
   * empty.
   */
  readonly foreign: number
  /** Writes to the second device that were refused; write() said so. */
  readonly writeErrors: number
}

export interface OpenDevices {
  readonly handle: DeviceHandle
  /** Counts since opening. */
  counters(): DeviceCounters
  /** Ends the devices. No thread may use an end afterwards: the system gives descriptors to others. */
  close(): void
}

/** The injector's end. */
export interface Sender {
  /**
   * Returns 0, or the errno: the packet wasn't sent. A packet that found the queue full was sent, and is
   * counted.
   */
  send(bytes: Buffer, offsetBytes: number, lengthBytes: number): number
}

/** The reader's end; several threads may each open one on the same queue. */
export interface ReadEnd {
  /** Bytes of the next packet; 0: nothing there now. */
  read(into: Buffer, offsetBytes: number, capacityBytes: number): number
  /** Until a packet may be there, at most `timeoutMs`. */
  wait(timeoutMs: number): void
}

/** A lane's end. */
export interface WriteEnd {
  /** Returns 0, or the errno: the packet wasn't written. */
  write(bytes: Buffer, offsetBytes: number, lengthBytes: number): number
}

/** The collector's end: sees what is written from the moment that it is opened. */
export interface CollectEnd {
  /**
   * Takes what is there, at most 64 packets.
   * @param into packet i begins at i * strideBytes
   * @param lengthBytes receives the lengths
   * @param timesNs receives when each arrived, on the clock of the handle's base
   * @returns how many; 0: nothing there now
   */
  receive(into: Buffer, strideBytes: number, lengthBytes: Int32Array, timesNs: Float64Array): number
  wait(timeoutMs: number): void
  /** Packets that arrived here and found no room, since it was opened. */
  dropped(): number
}

const RECEIVE_BUFFER_BYTES = 64 * 2 ** 20
/** What a packet takes of a socket's buffer besides its bytes, about. */
const PACKET_OVERHEAD_BYTES = 768
/** While it is found out whether the kernel stamps arrivals: probes, and the pause between them. */
const PROBES_MAX = 500
const PROBE_MS = 4
const PROBE_BUFFER_BYTES = 65_536
const SENT = 0
const WRITE_ERRORS = 1
const EINVAL = 22
const EMSGSIZE = 90

/**
 * Makes both devices.
 * @param opener who opens them, where this process may not
 * @throws UserError when the system refuses, with nothing left behind
 */
export async function openDevices(
  kind: 'tun' | 'loopback',
  settings: DeviceSettings,
  opener: DeviceOpener = openHere,
): Promise<OpenDevices> {
  return kind === 'tun' ? openTunDevices(settings, opener) : openLoopback(settings)
}

async function openTunDevices(settings: DeviceSettings, opener: DeviceOpener): Promise<OpenDevices> {
  const closing: Array<() => void> = []
  const close = () => {
    for (const step of closing.splice(0)) step()
  }
  try {
    const open = (receiveBufferBytes: number) => {
      const fd = opener.packetSocket(receiveBufferBytes)
      closing.push(() => systemCalls().close(fd))
      return fd
    }
    const first = opener.tun(settings)
    closing.push(() => closeTun(first))
    const second = opener.tun({ ...settings, queues: 1 })
    closing.push(() => closeTun(second))
    keepStamping(open(0))
    const handle: TunHandle = {
      kind: 'tun',
      first,
      second,
      counts: new SharedArrayBuffer(8),
      baseNs: settings.baseNs ?? clockBase(),
      sendSocket: open(0),
      collectSocket: open(settings.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES),
    }
    await untilStamped(handle, opener.packetSocket(PROBE_BUFFER_BYTES))
    return { handle, counters: () => tunCounters(handle), close }
  } catch (error) {
    close()
    throw error
  }
}

/**
 * Writes packets of nobody's to the second device until they are stamped when they arrive, not when they are
 * read. Closes the socket.
 */
async function untilStamped(handle: TunHandle, socket: number): Promise<void> {
  const write = tunWriter(handle)
  const receiver = new PacketReceiver(socket, handle.second.index, handle.baseNs)
  const probe = Buffer.alloc(20)
  probe[0] = 0x45
  probe[3] = probe.length
  const into = Buffer.alloc(BATCH_PACKETS * probe.length)
  const timesNs = new Float64Array(BATCH_PACKETS)
  try {
    for (let attempt = 0; attempt < PROBES_MAX; attempt++) {
      write(probe, 0, probe.length)
      const writtenNs = nowNs(handle.baseNs)
      await sleep(PROBE_MS)
      const received = receiver.receive(into, probe.length, new Int32Array(BATCH_PACKETS), timesNs)
      if (received > 0 && timesNs[received - 1]! < writtenNs + (PROBE_MS * 1e6) / 2) return
    }
  } finally {
    systemCalls().close(socket)
  }
  throw new UserError('replay: the kernel does not stamp packets as they arrive - use --loopback')
}

function tunCounters({ first, second, counts }: TunHandle): DeviceCounters {
  const shared = new Int32Array(counts)
  const out = interfaceCounters(first.name)
  const back = interfaceCounters(second.name)
  // Sent is read last: a packet that is on its way isn't taken for the kernel's.
  const kernelSent = out.sentPackets + out.sendDropped - Atomics.load(shared, SENT)
  return {
    tunDropped: out.sendDropped,
    foreign: Math.max(0, kernelSent) + back.sentPackets + back.sendDropped,
    writeErrors: Atomics.load(shared, WRITE_ERRORS),
  }
}

function openLoopback(settings: DeviceSettings): OpenDevices {
  const { mtuBytes, queueLengthPackets, queues } = settings
  const buffered = (settings.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES) / (mtuBytes + PACKET_OVERHEAD_BYTES)
  const counts = new SharedArrayBuffer(8)
  const shared = new Int32Array(counts)
  const handle: LoopbackHandle = {
    kind: 'loopback',
    first: Array.from({ length: queues }, () => ringMemory(queueLengthPackets, mtuBytes)),
    second: ringMemory(Math.max(1, Math.floor(buffered)), mtuBytes),
    counts,
    baseNs: settings.baseNs ?? clockBase(),
  }
  const rings = handle.first.map((memory) => new PacketRing(memory))
  return {
    handle,
    counters: () => ({
      tunDropped: rings.reduce((sum, ring) => sum + ring.dropped(), 0),
      foreign: 0,
      writeErrors: Atomics.load(shared, WRITE_ERRORS),
    }),
    close() {},
  }
}

/** For the thread that injects. */
export function openSender(handle: DeviceHandle): Sender {
  const counts = new Int32Array(handle.counts)
  if (handle.kind === 'loopback') {
    const rings = handle.first.map((memory) => new PacketRing(memory))
    const mtuBytes = handle.second.slotBytes
    return {
      send(bytes, offsetBytes, lengthBytes) {
        if (lengthBytes > mtuBytes) return EMSGSIZE
        const queue = queueOf(bytes, offsetBytes, lengthBytes, rings.length)
        rings[queue]!.push(bytes, offsetBytes, lengthBytes, handle.baseNs)
        return 0
      },
    }
  }
  const socket = new PacketSender(handle.sendSocket, handle.first.index)
  return {
    send(bytes, offsetBytes, lengthBytes) {
      const errno = socket.send(bytes, offsetBytes, lengthBytes)
      if (errno === 0) Atomics.add(counts, SENT, 1)
      return errno
    },
  }
}

/** For a thread that reads the first device. @param queue below settings.queues */
export function openReadEnd(handle: DeviceHandle, queue: number): ReadEnd {
  if (handle.kind === 'loopback') {
    const ring = new PacketRing(handle.first[queue]!)
    return {
      read: (into, offsetBytes, capacityBytes) => ring.pop(into, offsetBytes, capacityBytes),
      wait: (timeoutMs) => ring.wait(timeoutMs),
    }
  }
  const end = new TunQueue(handle.first.fds[queue]!)
  return {
    read: (into, offsetBytes, capacityBytes) => end.read(into, offsetBytes, capacityBytes),
    wait: (timeoutMs) => end.wait(timeoutMs),
  }
}

/** For a thread that writes to the second device. */
export function openWriteEnd(handle: DeviceHandle): WriteEnd {
  const counts = new Int32Array(handle.counts)
  const write = handle.kind === 'loopback' ? loopbackWriter(handle) : tunWriter(handle)
  return {
    write(bytes, offsetBytes, lengthBytes) {
      const errno = write(bytes, offsetBytes, lengthBytes)
      if (errno !== 0) Atomics.add(counts, WRITE_ERRORS, 1)
      return errno
    },
  }
}

type Write = (bytes: Buffer, offsetBytes: number, lengthBytes: number) => number

function loopbackWriter(handle: LoopbackHandle): Write {
  const ring = new PacketRing(handle.second)
  return (bytes, offsetBytes, lengthBytes) => {
    const version = bytes[offsetBytes]! >>> 4
    if (version !== 4 && version !== 6) return EINVAL
    ring.push(bytes, offsetBytes, lengthBytes, handle.baseNs)
    return 0
  }
}

function tunWriter(handle: TunHandle): Write {
  const end = new TunQueue(handle.second.fds[0]!)
  return (bytes, offsetBytes, lengthBytes) => end.write(bytes, offsetBytes, lengthBytes)
}

/** For the thread that collects. */
export function openCollectEnd(handle: DeviceHandle): CollectEnd {
  if (handle.kind === 'tun') {
    return new PacketReceiver(handle.collectSocket, handle.second.index, handle.baseNs)
  }
  const ring = new PacketRing(handle.second)
  const droppedBefore = ring.dropped()
  return {
    receive(into, strideBytes, lengthBytes, timesNs) {
      for (let i = 0; i < BATCH_PACKETS; i++) {
        const taken = ring.pop(into, i * strideBytes, strideBytes)
        if (taken === 0) return i
        lengthBytes[i] = taken
        timesNs[i] = ring.poppedTimeNs
      }
      return BATCH_PACKETS
    },
    wait: (timeoutMs) => ring.wait(timeoutMs),
    dropped: () => ring.dropped() - droppedBefore,
  }
}
