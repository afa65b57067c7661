/**
 * What the kernel counts of an interface, from /proc/self/net/dev: /sys/class/net would show the namespace
 * that mounted it.
 */
import { readFileSync } from 'node:fs'

/** Counters of one interface, as proc(5) has them. */
export interface InterfaceCounters {
  readonly receivedPackets: number
  readonly receiveErrors: number
  readonly receiveDropped: number
  readonly sentPackets: number
  readonly sendErrors: number
  readonly sendDropped: number
}

/** @throws Error when there is no such interface (any more) */
export function interfaceCounters(name: string): InterfaceCounters {
  const counters = parseNetDev(readFileSync('/proc/self/net/dev', 'latin1'), name)
  if (counters === undefined) throw new Error(`no interface ${name}`)
  return counters
}

/** The line of `name` in the text of /proc/net/dev; undefined when there is none. */
export function parseNetDev(text: string, name: string): InterfaceCounters | undefined {
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(':')
    if (colon < 0 || line.slice(0, colon).trim() !== name) continue
    const field = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number)
    return {
      receivedPackets: field[1]!,
      receiveErrors: field[2]!,
      receiveDropped: field[3]!,
      sentPackets: field[9]!,
      sendErrors: field[10]!,
      sendDropped: field[11]!,
    }
  }
  return undefined
}
