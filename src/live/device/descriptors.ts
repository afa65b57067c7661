/**
 * Passes open descriptors from one process to another, over a pair of Unix sockets, each with one byte of
 * data, because on a stream no descriptor travels alone. Source: unix(7) SCM_RIGHTS, cmsg(3).
 */
import { UserError } from '../../errors.ts'
import { callFailed, Pinned, systemCalls, writeWord } from './system.ts'

const AF_UNIX = 1
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const MSG_CMSG_CLOEXEC = 0x40000000
const MSG_NOSIGNAL = 0x4000
/** struct msghdr, and a struct cmsghdr with one int behind it, padded. */
const MESSAGE_BYTES = 56
const CONTROL_BYTES = 24
const CONTROL_LENGTH = 20

/** Both ends of a connection. */
export function socketPair(): readonly [number, number] {
  const pair = Buffer.alloc(8)
  if (systemCalls().socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, pair) < 0) {
    throw callFailed('making a pair of sockets')
  }
  return [pair.readInt32LE(0), pair.readInt32LE(4)]
}

/** The sender may close its own afterwards. */
export function sendDescriptor(socket: number, fd: number): void {
  const message = new DescriptorMessage()
  message.control.writeUInt32LE(CONTROL_LENGTH, 0)
  message.control.writeInt32LE(SOL_SOCKET, 8)
  message.control.writeInt32LE(SCM_RIGHTS, 12)
  message.control.writeInt32LE(fd, 16)
  if (systemCalls().sendmsg(socket, message.bytes, MSG_NOSIGNAL) < 0) throw callFailed('passing a descriptor')
}

/** Waits for the next one. */
export function receiveDescriptor(socket: number): number {
  const message = new DescriptorMessage()
  const lengthBytes = systemCalls().recvmsg(socket, message.bytes, MSG_CMSG_CLOEXEC)
  if (lengthBytes < 0) throw callFailed('receiving a descriptor')
  const isThere = lengthBytes === 1 && message.control.readInt32LE(12) === SCM_RIGHTS
  if (!isThere) {
    throw new UserError('replay: the process that opens devices is gone - run the command again')
  }
  return message.control.readInt32LE(16)
}

/** A struct msghdr for one byte of data and one descriptor. */
class DescriptorMessage {
  readonly bytes = Buffer.alloc(MESSAGE_BYTES)
  readonly control = Buffer.alloc(CONTROL_BYTES)
  readonly #data = Buffer.alloc(1)
  readonly #vector = Buffer.alloc(16)
  readonly #pins = [new Pinned(), new Pinned(), new Pinned()] as const

  constructor() {
    const [data, vector, control] = this.#pins
    writeWord(this.#vector, 0, data.addressOf(this.#data))
    writeWord(this.#vector, 8, 1)
    writeWord(this.bytes, 16, vector.addressOf(this.#vector))
    writeWord(this.bytes, 24, 1)
    writeWord(this.bytes, 32, control.addressOf(this.control))
    writeWord(this.bytes, 40, CONTROL_BYTES)
  }
}
