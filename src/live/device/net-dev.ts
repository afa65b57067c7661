/**
 * What the kernel counts: packets of an interface (/proc/self/net/dev; /sys/class/net would show the
 * namespace that mounted it), and time that the host took from this machine (/proc/stat). Read from files, at
 * the start and the end.
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

/** USER_HZ, the unit of /proc/stat: 100 on every Linux that Node runs on. */
const NS_PER_TICK = 1e7

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

/**
 * Time that all cores together wanted to run and the host ran something else, since boot, ns. 0 outside
 * Linux.
 */
export function stealNs(): number {
  return process.platform === 'linux' ? parseSteal(readFileSync('/proc/stat', 'latin1')) : 0
}

/** The 8th figure of the line "cpu" of /proc/stat, ns. */
export function parseSteal(text: string): number {
  const line = /^cpu +(.*)$/m.exec(text)
  const ticks = Number(line?.[1]?.split(/\s+/)[7])
  return Number.isFinite(ticks) ? ticks * NS_PER_TICK : 0
}
