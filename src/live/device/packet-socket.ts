/**
 * AF_PACKET sockets on one interface: a sender that puts packets into its queue, and a receiver that sees
 * what is written to it, 64 packets a call, each with the kernel's own time of arrival. What the receiver's
 * buffer can't take the kernel drops and counts. Source: packet(7), socket(7), recvmmsg(2).
 */
import { RealtimeOffset } from '../threads/clock.ts'
import { callFailed, lastErrno, Pinned, Readiness, systemCalls, writeWord } from './system.ts'

const AF_PACKET = 17
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000
const ETH_P_ALL = 0x0003
const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd
const SOCKADDR_LL_BYTES = 20

const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_RCVBUFFORCE = 33
const SO_TIMESTAMPNS = 35
const SOL_PACKET = 263
const PACKET_STATISTICS = 6
const PACKET_IGNORE_OUTGOING = 23
const MSG_DONTWAIT = 0x40
const EAGAIN = 11
const EINTR = 4
const ENETDOWN = 100

/** At most so many packets a call of {@link PacketReceiver.receive}. */
export const BATCH_PACKETS = 64
const MESSAGE_BYTES = 64
const CONTROL_BYTES = 64
/** Of a control message: its 16-byte header precedes the timespec. */
const CONTROL_HEADER_BYTES = 16

/**
 * Opens a socket for one of the classes below, which takes it over: the only step that needs CAP_NET_RAW, and
 * CAP_NET_ADMIN for a large buffer.
 * @param receiveBufferBytes overhead included (about 1 KiB a small packet), 0: as it is; without privilege
 *   the kernel gives at most net.core.rmem_max
 * @returns the descriptor. @throws UserError when the kernel refuses
 */
export function openPacketSocket(receiveBufferBytes = 0): number {
  // Protocol 0: it receives nothing until it is bound to an interface.
  const fd = systemCalls().socket(AF_PACKET, SOCK_DGRAM_CLOEXEC, 0)
  if (fd < 0) throw callFailed('opening a packet socket')
  if (receiveBufferBytes === 0) return fd
  // The kernel doubles what it is asked for.
  const asked = Math.ceil(receiveBufferBytes / 2)
  if (!tryOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, asked)) setOption(fd, SOL_SOCKET, SO_RCVBUF, asked)
  return fd
}

function linkAddress(protocol: number, interfaceIndex: number): Buffer {
  const address = Buffer.alloc(SOCKADDR_LL_BYTES)
  address.writeUInt16LE(AF_PACKET, 0)
  address.writeUInt16BE(protocol, 2)
  address.writeInt32LE(interfaceIndex, 4)
  return address
}

/** Puts packets into the queue of an interface, one a call, without allocating. For one thread. */
export class PacketSender {
  readonly #fd: number
  readonly #calls = systemCalls()
  readonly #address: Buffer
  readonly #vector = Buffer.alloc(16)
  /** struct msghdr: address, its length, one vector, no control. */
  readonly #message = Buffer.alloc(56)
  readonly #pinned = new Pinned()

  /** @param fd of {@link openPacketSocket}; whoever opened it closes it */
  constructor(fd: number, interfaceIndex: number) {
    this.#fd = fd
    this.#address = linkAddress(ETH_P_IP, interfaceIndex)
    writeWord(this.#message, 0, new Pinned().addressOf(this.#address))
    this.#message.writeUInt32LE(SOCKADDR_LL_BYTES, 8)
    writeWord(this.#message, 16, new Pinned().addressOf(this.#vector))
    writeWord(this.#message, 24, 1)
  }

  /**
   * Sends an IP packet; its version says which protocol the kernel is told. Blocks while the socket's own
   * buffer is full, which a TUN device never lets happen.
   * @returns 0, or the errno: the packet wasn't sent (ENOBUFS: a queueing discipline dropped it)
   */
  send(bytes: Buffer, offsetBytes: number, lengthBytes: number): number {
    this.#address.writeUInt16BE(bytes[offsetBytes]! >>> 4 === 6 ? ETH_P_IPV6 : ETH_P_IP, 2)
    writeWord(this.#vector, 0, this.#pinned.addressOf(bytes) + offsetBytes)
    writeWord(this.#vector, 8, lengthBytes)
    return this.#calls.sendmsg(this.#fd, this.#message, 0) < 0 ? lastErrno() : 0
  }
}

/**
 * Has the kernel stamp packets as they arrive, for as long as this socket is open. The kernel begins some
 * milliseconds after the first socket has asked for it; until then it stamps packets when they are read from
 * the socket.
 */
export function keepStamping(fd: number): void {
  setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1)
}

function setOption(fd: number, level: number, name: number, value: number): void {
  if (!tryOption(fd, level, name, value)) throw callFailed(`setting socket option ${name}`)
}

function tryOption(fd: number, level: number, name: number, value: number): boolean {
  const option = Buffer.alloc(4)
  option.writeInt32LE(value, 0)
  return systemCalls().setsockopt(fd, level, name, option, 4) === 0
}

/** Receives what arrives on an interface, in the kernel's order. For one thread. */
export class PacketReceiver {
  readonly #fd: number
  readonly #calls = systemCalls()
  readonly #readiness: Readiness
  readonly #clock: RealtimeOffset
  readonly #messages = Buffer.alloc(BATCH_PACKETS * MESSAGE_BYTES)
  readonly #vectors = Buffer.alloc(BATCH_PACKETS * 16)
  readonly #control = Buffer.alloc(BATCH_PACKETS * CONTROL_BYTES)
  readonly #pinned = new Pinned()
  readonly #statistics = Buffer.alloc(8)
  readonly #lengthBytes = Buffer.alloc(4)
  #into: Buffer | undefined
  #strideBytes = 0
  #dropped = 0

  /**
   * @param fd of {@link openPacketSocket}; whoever opened it closes it
   * @param baseNs the base of the clock that times are given on
   */
  constructor(fd: number, interfaceIndex: number, baseNs: bigint) {
    this.#fd = fd
    this.#readiness = new Readiness(fd)
    this.#clock = new RealtimeOffset(baseNs)
    setOption(this.#fd, SOL_SOCKET, SO_TIMESTAMPNS, 1)
    // Older kernels don't know it; what the kernel sends has no mark anyway.
    tryOption(this.#fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    const vectors = new Pinned().addressOf(this.#vectors)
    const control = new Pinned().addressOf(this.#control)
    for (let i = 0; i < BATCH_PACKETS; i++) {
      writeWord(this.#messages, i * MESSAGE_BYTES + 16, vectors + i * 16)
      writeWord(this.#messages, i * MESSAGE_BYTES + 24, 1)
      writeWord(this.#messages, i * MESSAGE_BYTES + 32, control + i * CONTROL_BYTES)
    }
    if (this.#calls.bind(this.#fd, linkAddress(ETH_P_ALL, interfaceIndex), SOCKADDR_LL_BYTES) < 0) {
      throw callFailed('watching the second TUN device')
    }
  }

  /**
   * Takes what is there, at most {@link BATCH_PACKETS} packets.
   * @param into packet i begins at i * strideBytes; a longer packet is cut to the stride
   * @param timesNs when the kernel received packet i
   * @returns how many; 0: nothing there now
   */
  receive(into: Buffer, strideBytes: number, lengthBytes: Int32Array, timesNs: Float64Array): number {
    this.#aim(into, strideBytes)
    const received = this.#calls.recvmmsg(this.#fd, this.#messages, BATCH_PACKETS, MSG_DONTWAIT, null)
    if (received < 0) {
      const errno = lastErrno()
      if (errno === EAGAIN || errno === EINTR || errno === ENETDOWN) return 0
      throw callFailed('receiving from the second TUN device', errno)
    }
    this.#clock.refresh()
    for (let i = 0; i < received; i++) {
      lengthBytes[i] = this.#messages.readUInt32LE(i * MESSAGE_BYTES + 56)
      timesNs[i] = this.#clock.toNowNs(this.#control, i * CONTROL_BYTES + CONTROL_HEADER_BYTES)
    }
    return received
  }

  wait(timeoutMs: number): void {
    this.#readiness.wait(timeoutMs)
  }

  /** Packets that the socket's buffer had no room for, since it was opened. */
  dropped(): number {
    this.#lengthBytes.writeUInt32LE(8, 0)
    if (
      this.#calls.getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, this.#statistics, this.#lengthBytes) < 0
    ) {
      throw callFailed('reading the packet statistics')
    }
    // The kernel starts again from 0 after each look.
    this.#dropped += this.#statistics.readUInt32LE(4)
    return this.#dropped
  }

  #aim(into: Buffer, strideBytes: number): void {
    if (into !== this.#into || strideBytes !== this.#strideBytes) {
      const address = this.#pinned.addressOf(into)
      for (let i = 0; i < BATCH_PACKETS; i++) {
        writeWord(this.#vectors, i * 16, address + i * strideBytes)
        writeWord(this.#vectors, i * 16 + 8, strideBytes)
      }
      this.#into = into
      this.#strideBytes = strideBytes
    }
    // The kernel writes back how much control data it gave.
    for (let i = 0; i < BATCH_PACKETS; i++) writeWord(this.#messages, i * MESSAGE_BYTES + 40, CONTROL_BYTES)
  }
}
