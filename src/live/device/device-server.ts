/**
 * Devices for a process that may not open them: it asks another one over a socket, a line of JSON at a time,
 * and gets a line back, and the descriptors behind it. The other process is root and believes nothing that it
 * is asked: it makes TUN devices and packet sockets in the network namespace in which it stands, of bounded
 * sizes, and can do nothing else.
 */
import { closeSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { reasonOf, UserError } from '../../errors.ts'
import { receiveDescriptor, sendDescriptor } from './descriptors.ts'
import { type DeviceOpener, openHere } from './opener.ts'
import { systemCalls } from './system.ts'
import type { TunDevice, TunSettings } from './tun.ts'

type Request = { readonly tun: TunSettings } | { readonly receiveBufferBytes: number }

/** Descriptors follow, as many as it says. */
interface Answer {
  readonly failure?: string
  readonly descriptors?: number
  readonly name?: string
  readonly index?: number
}

const REQUEST_BYTES_MAX = 1000
/** Far above what a replay takes. */
const BUFFER_BYTES_MAX = 2 ** 30
const MTU_BYTES_MAX = 65_535
/** MAX_TAP_QUEUES of drivers/net/tun.c. */
const QUEUES_MAX = 256

/** Answers what comes on a socket, until it is closed on the other side. */
export function serveDevices(fd: number, opener: DeviceOpener = openHere): void {
  const socket = new Socket({ fd })
  let rest = ''
  socket.on('data', (piece) => {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop()!
    const isDone = lines.every((line) => answer(fd, line, opener))
    if (!isDone || rest.length > REQUEST_BYTES_MAX) socket.destroy()
  })
  socket.on('error', () => {})
  socket.unref()
}

/** False: what was opened couldn't be passed, so the other side must not wait for it. */
function answer(socket: number, line: string, opener: DeviceOpener): boolean {
  const opened: number[] = []
  try {
    const request = checked(line)
    let about: Answer
    if ('tun' in request) {
      const { name, index, fds } = opener.tun(request.tun)
      opened.push(...fds)
      about = { name, index }
    } else {
      opened.push(opener.packetSocket(request.receiveBufferBytes))
      about = {}
    }
    say(socket, { ...about, descriptors: opened.length })
    for (const fd of opened) sendDescriptor(socket, fd)
    return true
  } catch (error) {
    if (opened.length > 0) return false
    say(socket, { failure: reasonOf(error) })
    return true
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

/** Only numbers that a replay may need come through. */
function checked(line: string): Request {
  const { tun, receiveBufferBytes } = JSON.parse(line) as Record<string, unknown>
  const whole = (value: unknown, max: number): number => {
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max) return Number(value)
    throw new UserError('replay: a device of an impossible size was asked for - use --loopback')
  }
  if (tun === undefined) return { receiveBufferBytes: whole(receiveBufferBytes, BUFFER_BYTES_MAX) }
  const { mtuBytes, queueLengthPackets, queues } = tun as Record<string, unknown>
  return {
    tun: {
      mtuBytes: whole(mtuBytes, MTU_BYTES_MAX),
      queueLengthPackets: whole(queueLengthPackets, 2 ** 31 - 1),
      queues: whole(queues, QUEUES_MAX),
    },
  }
}

function say(socket: number, answer: Answer): void {
  const bytes = Buffer.from(`${JSON.stringify(answer)}\n`)
  systemCalls().send(socket, bytes, bytes.length, 0)
}

/** Asks the process at the other end of a socket; one question at a time, and waits for the answer. */
export function askForDevices(socket: number): DeviceOpener {
  const ask = (request: Request): Answer => {
    const bytes = Buffer.from(`${JSON.stringify(request)}\n`)
    systemCalls().send(socket, bytes, bytes.length, 0)
    const answer = JSON.parse(readLine(socket)) as Answer
    if (answer.failure !== undefined) throw new UserError(answer.failure)
    return answer
  }
  const descriptorsOf = ({ descriptors = 0 }: Answer) =>
    Array.from({ length: descriptors }, () => receiveDescriptor(socket))
  return {
    tun(settings): TunDevice {
      const { mtuBytes, queueLengthPackets, queues } = settings
      const answer = ask({ tun: { mtuBytes, queueLengthPackets, queues } })
      return { name: answer.name!, index: answer.index!, fds: descriptorsOf(answer) }
    },
    packetSocket: (receiveBufferBytes) => descriptorsOf(ask({ receiveBufferBytes }))[0]!,
  }
}

/** Byte by byte: what is read beyond the line would take descriptors with it. */
function readLine(socket: number): string {
  const byte = Buffer.alloc(1)
  let line = ''
  for (;;) {
    if (readSync(socket, byte) === 0) {
      throw new UserError('replay: the process that opens devices is gone - run the command again')
    }
    const character = byte.toString('latin1')
    if (character === '\n') return line
    line += character
  }
}
