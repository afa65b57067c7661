/**
 * One Linux TUN device: opened, sized and brought up, without addresses, so that the kernel has nothing to
 * say on it. Its queue is a ring per descriptor; a packet that finds it full is dropped and counted
 * (tx_dropped). It lives as long as its descriptors: nothing is left behind when the process ends. Source:
 * drivers/net/tun.c, Documentation/networking/tuntap.rst.
 */
import { closeSync, constants, existsSync, openSync, writeFileSync } from 'node:fs'
import { callFailed, lastErrno, Pinned, Readiness, systemCalls, writeWord } from './system.ts'

export const TUN_PATH = '/dev/net/tun'
const TUNSETIFF = 0x400454ca
const IFF_TUN = 0x0001
const IFF_NO_PI = 0x1000
const IFF_MULTI_QUEUE = 0x0100
const IFREQ_BYTES = 40
const NAME_BYTES_MAX = 16

const AF_NETLINK = 16
const SOCK_RAW_CLOEXEC = 3 | 0o2000000
const NLMSG_ERROR = 2
const RTM_NEWLINK = 16
const NLM_F_REQUEST_ACK = 1 | 4
const IFF_UP = 1
const IFLA_MTU = 4
const IFLA_TXQLEN = 13
const EAGAIN = 11

/** Plain data: descriptors belong to the process, so every thread can use them. */
export interface TunDevice {
  readonly name: string
  readonly index: number
  /** One non-blocking descriptor per queue. */
  readonly fds: readonly number[]
}

export interface TunSettings {
  readonly mtuBytes: number
  /** Of each queue. */
  readonly queueLengthPackets: number
  readonly queues: number
}

/**
 * Makes a device named by the kernel and brings it up.
 * @param pattern name with `%d` where the kernel puts a number, at most 15 characters
 * @throws UserError when the kernel refuses, with nothing left open
 */
export function openTun(pattern: string, { mtuBytes, queueLengthPackets, queues }: TunSettings): TunDevice {
  const fds: number[] = []
  try {
    const flags = IFF_TUN | IFF_NO_PI | (queues > 1 ? IFF_MULTI_QUEUE : 0)
    let name = pattern
    for (let queue = 0; queue < queues; queue++) {
      fds.push(openSync(TUN_PATH, constants.O_RDWR | constants.O_NONBLOCK))
      name = attach(fds[queue]!, name, flags)
    }
    const index = systemCalls().if_nametoindex(name)
    if (index === 0) throw callFailed(`finding the device ${name}`)
    changeLink(index, { mtuBytes, queueLengthPackets })
    silence(name)
    changeLink(index, { up: true })
    return { name, index, fds }
  } catch (error) {
    for (const fd of fds) closeSync(fd)
    throw error
  }
}

/** Closes the descriptors; the kernel removes the device with the last one. */
export function closeTun(device: TunDevice): void {
  for (const fd of device.fds) closeSync(fd)
}

function attach(fd: number, name: string, flags: number): string {
  const request = Buffer.alloc(IFREQ_BYTES)
  request.write(name, 0, NAME_BYTES_MAX - 1, 'latin1')
  request.writeUInt16LE(flags, NAME_BYTES_MAX)
  if (systemCalls().ioctl(fd, TUNSETIFF, request) < 0) throw callFailed('making a TUN device (TUNSETIFF)')
  return request.toString('latin1', 0, request.indexOf(0))
}

/**
 * No IPv6 (an interface that comes up sends router solicitations), no forwarding, and nothing is delivered to
 * this machine: strict reverse-path filtering lets nothing in on an interface without addresses.
 */
function silence(name: string): void {
  const settings: ReadonlyArray<readonly [string, string]> = [
    [`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, '1'],
    [`/proc/sys/net/ipv4/conf/${name}/forwarding`, '0'],
    [`/proc/sys/net/ipv4/conf/${name}/rp_filter`, '1'],
  ]
  for (const [path, value] of settings) if (existsSync(path)) writeFileSync(path, value)
}

/**
 * RTM_NEWLINK, what `ip link set` sends: unlike the ioctls it may set the queue length in a user namespace
 * too. Source: rtnetlink(7).
 */
function changeLink(
  index: number,
  change: { readonly mtuBytes?: number; readonly queueLengthPackets?: number; readonly up?: boolean },
): void {
  const attributes = [
    ...(change.mtuBytes === undefined ? [] : [linkAttribute(IFLA_MTU, change.mtuBytes)]),
    ...(change.queueLengthPackets === undefined
      ? []
      : [linkAttribute(IFLA_TXQLEN, change.queueLengthPackets)]),
  ]
  const header = Buffer.alloc(32)
  header.writeUInt16LE(RTM_NEWLINK, 4)
  header.writeUInt16LE(NLM_F_REQUEST_ACK, 6)
  header.writeInt32LE(index, 20)
  header.writeUInt32LE(change.up ? IFF_UP : 0, 24)
  header.writeUInt32LE(change.up ? IFF_UP : 0, 28)
  const message = Buffer.concat([header, ...attributes])
  message.writeUInt32LE(message.length, 0)

  const calls = systemCalls()
  const fd = calls.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, 0)
  if (fd < 0) throw callFailed('opening a netlink socket')
  try {
    if (calls.send(fd, message, message.length, 0) < 0) throw callFailed('sending to netlink')
    const answer = Buffer.alloc(4096)
    if (calls.recv(fd, answer, answer.length, 0) < 0) throw callFailed('reading from netlink')
    const errno = -answer.readInt32LE(16)
    if (answer.readUInt16LE(4) !== NLMSG_ERROR || errno !== 0) {
      throw callFailed(`setting up the TUN device (${JSON.stringify(change)})`, errno)
    }
  } finally {
    calls.close(fd)
  }
}

function linkAttribute(type: number, value: number): Buffer {
  const attribute = Buffer.alloc(8)
  attribute.writeUInt16LE(8, 0)
  attribute.writeUInt16LE(type, 2)
  attribute.writeUInt32LE(value, 4)
  return attribute
}

/** Reads from and writes to one queue, one packet a call, without allocating. For one thread. */
export class TunQueue {
  readonly #fd: number
  readonly #readiness: Readiness
  readonly #calls = systemCalls()
  readonly #vector = Buffer.alloc(16)
  readonly #pinned = new Pinned()

  constructor(fd: number) {
    this.#fd = fd
    this.#readiness = new Readiness(fd)
  }

  /** Bytes of the packet that was first in the queue; 0: the queue is empty. A longer packet is cut. */
  read(into: Buffer, offsetBytes: number, capacityBytes: number): number {
    this.#aim(into, offsetBytes, capacityBytes)
    const lengthBytes = this.#calls.readv(this.#fd, this.#vector, 1)
    if (lengthBytes >= 0) return lengthBytes
    const errno = lastErrno()
    if (errno !== EAGAIN) throw callFailed('reading from the TUN device', errno)
    return 0
  }

  /** Hands a packet to the kernel as if it had arrived on this device. Returns 0, or the errno. */
  write(bytes: Buffer, offsetBytes: number, lengthBytes: number): number {
    this.#aim(bytes, offsetBytes, lengthBytes)
    return this.#calls.writev(this.#fd, this.#vector, 1) < 0 ? lastErrno() : 0
  }

  wait(timeoutMs: number): void {
    this.#readiness.wait(timeoutMs)
  }

  #aim(bytes: Buffer, offsetBytes: number, lengthBytes: number): void {
    writeWord(this.#vector, 0, this.#pinned.addressOf(bytes) + offsetBytes)
    writeWord(this.#vector, 8, lengthBytes)
  }
}
