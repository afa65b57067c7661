/**
 * The system calls of the live path that Node doesn't offer, bound to the C library of the process itself by
 * koffi. Loaded at the first call, so that nothing else needs the native module. 64-bit, little-endian Linux
 * only. Structures are Buffers filled by hand; {@link Pinned} is how a Buffer's address gets into one.
 */
import { createRequire } from 'node:module'
import { endianness } from 'node:os'
import { getSystemErrorName } from 'node:util'
import type * as Koffi from 'koffi'
import { UserError } from '../../errors.ts'

/** The C functions; each returns -1 on error, with the reason in {@link lastErrno}, unless said otherwise. */
export interface SystemCalls {
  ioctl(fd: number, request: number, argument: Buffer): number
  socket(domain: number, type: number, protocol: number): number
  socketpair(domain: number, type: number, protocol: number, pair: Buffer): number
  bind(fd: number, address: Buffer, lengthBytes: number): number
  setsockopt(fd: number, level: number, name: number, value: Buffer, lengthBytes: number): number
  getsockopt(fd: number, level: number, name: number, value: Buffer, lengthBytes: Buffer): number
  send(fd: number, bytes: Buffer, lengthBytes: number, flags: number): number
  recv(fd: number, bytes: Buffer, lengthBytes: number, flags: number): number
  sendmsg(fd: number, message: Buffer, flags: number): number
  recvmsg(fd: number, message: Buffer, flags: number): number
  recvmmsg(fd: number, messages: Buffer, count: number, flags: number, timeout: null): number
  readv(fd: number, vectors: Buffer, count: number): number
  writev(fd: number, vectors: Buffer, count: number): number
  poll(descriptors: Buffer, count: number, timeoutMs: number): number
  close(fd: number): number
  /** 0 when there is no such interface. */
  if_nametoindex(name: string): number
  prctl(option: number, a: number, b: number, c: number, d: number): number
  clock_gettime(clock: number, timespec: Buffer): number
  /** Returns the error number itself. */
  clock_nanosleep(clock: number, flags: number, request: Buffer, remaining: null): number
  /** `pid` 0: the calling thread. */
  sched_setaffinity(pid: number, maskBytes: number, mask: Buffer): number
}

const PROTOTYPES: Readonly<Record<keyof SystemCalls, string>> = {
  ioctl: 'int ioctl(int, unsigned long, void *)',
  socket: 'int socket(int, int, int)',
  socketpair: 'int socketpair(int, int, int, void *)',
  bind: 'int bind(int, void *, unsigned int)',
  setsockopt: 'int setsockopt(int, int, int, void *, unsigned int)',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  send: 'long send(int, void *, size_t, int)',
  recv: 'long recv(int, void *, size_t, int)',
  sendmsg: 'long sendmsg(int, void *, int)',
  recvmsg: 'long recvmsg(int, void *, int)',
  recvmmsg: 'int recvmmsg(int, void *, unsigned int, int, void *)',
  readv: 'long readv(int, void *, int)',
  writev: 'long writev(int, void *, int)',
  poll: 'int poll(void *, unsigned long, int)',
  close: 'int close(int)',
  if_nametoindex: 'unsigned int if_nametoindex(const char *)',
  prctl: 'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
  clock_gettime: 'int clock_gettime(int, void *)',
  clock_nanosleep: 'int clock_nanosleep(int, int, void *, void *)',
  sched_setaffinity: 'int sched_setaffinity(int, size_t, void *)',
}

let koffi: typeof Koffi | undefined
let calls: SystemCalls | undefined

/** The bound functions. @throws UserError on another system than Linux, or where koffi has no build for it */
export function systemCalls(): SystemCalls {
  if (calls !== undefined) return calls
  const library = native().load(null)
  const bound = Object.entries(PROTOTYPES).map(([name, prototype]) => [name, library.func(prototype)])
  calls = Object.fromEntries(bound) as SystemCalls
  return calls
}

function native(): typeof Koffi {
  if (koffi !== undefined) return koffi
  if (process.platform !== 'linux' || endianness() !== 'LE' || !/64/.test(process.arch)) {
    const here = `${process.platform} ${process.arch}`
    throw new UserError(`replay: real devices need 64-bit Linux, and this is ${here} - use --loopback`)
  }
  try {
    koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  } catch {
    throw new UserError('replay: the package koffi has no build for this system - use --loopback')
  }
  return koffi
}

/** Why the last call of this thread failed: an errno. */
export function lastErrno(): number {
  return native().errno()
}

/** "EPERM" for 1. */
export function errnoName(errno: number): string {
  return getSystemErrorName(-errno)
}

/** The error of a call that can only fail for reasons of the system's. */
export function callFailed(what: string, errno = lastErrno()): UserError {
  return new UserError(
    `replay: ${what} failed with ${errnoName(errno)} - use --loopback to do without real devices`,
  )
}

/**
 * The address of a Buffer for the kernel's structures. An address holds no reference: an instance keeps the
 * Buffer that it was last asked for alive, which has to last until the call that uses the address is over.
 */
export class Pinned {
  #buffer: Buffer | undefined
  #address = 0

  addressOf(buffer: Buffer): number {
    if (buffer !== this.#buffer) {
      this.#address = Number(native().address(buffer))
      this.#buffer = buffer
    }
    return this.#address
  }
}

/** Writes a 64-bit word, little-endian, without a BigInt. `value` is an integer >= 0. */
export function writeWord(into: Buffer, at: number, value: number): void {
  into.writeUInt32LE(value >>> 0, at)
  into.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4)
}

const POLLIN = 1

/** Waits until a descriptor can be read. One instance per thread and descriptor. */
export class Readiness {
  readonly #poll = Buffer.alloc(8)

  constructor(fd: number) {
    this.#poll.writeInt32LE(fd, 0)
    this.#poll.writeInt16LE(POLLIN, 4)
  }

  /** Returns when there is something to read, after `timeoutMs`, or at a signal. */
  wait(timeoutMs: number): void {
    systemCalls().poll(this.#poll, 1, timeoutMs)
  }
}
