/**
 * For tests of real devices: a network namespace for the test's own process, or the reason why there is none.
 */
import { readFileSync } from 'node:fs'
import koffi from 'koffi'
import { reasonOf } from '../errors.ts'
import { namespaceArguments } from './device/namespace.ts'

const CLONE_NEWNET = 0x40000000

/** False, or the reason to skip: for the `skip` option of a test. */
export function skipWithoutTun(): string | false {
  try {
    namespaceArguments()
  } catch (error) {
    return reasonOf(error)
  }
  return process.getuid?.() === 0 ? false : 'making a namespace within a process needs root'
}

/** Moves this thread, and threads that it starts from now on, to a namespace that ends with the process. */
export function enterOwnNamespace(): void {
  if (koffi.load(null).func('int unshare(int)')(CLONE_NEWNET) !== 0) throw new Error('unshare failed')
}

/** Names of the interfaces here. */
export function interfaceNames(): string[] {
  return [...readFileSync('/proc/self/net/dev', 'latin1').matchAll(/^ *([^ :]+):/gm)].map(([, name]) => name!)
}
