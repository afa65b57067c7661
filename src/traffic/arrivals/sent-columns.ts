/**
 * Which column of an arrivals CSV a source takes what from: when each packet was sent and how long it was,
 * its flow, and its addresses where they are there. The names are those of arrival-columns.ts.
 */
import {
  ADDRESS_NAMES,
  type Column,
  type Fail,
  foundColumns,
  shownName,
  type TimeColumn,
} from './arrival-columns.ts'

export const SENT_HEADER = 'sentNs,flow,sizeBytes'

export interface SentColumns {
  readonly sent: TimeColumn
  readonly received: TimeColumn | undefined
  readonly size: Column
  /** Numbers within the flow, where there are any. */
  readonly sequence: Column | undefined
  /** Columns that together are a flow; none: all packets are one. */
  readonly flow: readonly Column[]
  /** undefined where addresses aren't there. */
  readonly addresses: AddressColumns | undefined
  /** Of a file of lost packets: what became of them. */
  readonly why: Column | undefined
}

export interface AddressColumns {
  readonly source: Column
  readonly destination: Column
  readonly protocol: Column
  /** Both or none. */
  readonly ports: readonly [source: Column, destination: Column] | undefined
}

export function sentColumnsOf(header: readonly string[], fail: Fail): SentColumns {
  const { sent, received, size, sequence, flow } = foundColumns(header, new Map(), fail)
  const there = `there is: ${shownName(header.join(', '))}`
  if (sent === undefined)
    return fail('sentNs', `is missing (${there}) - a source needs the times of sending: ${SENT_HEADER}`)
  if (size === undefined)
    return fail(
      'sizeBytes',
      `is missing (${there}) - a source needs the lengths of its packets: ${SENT_HEADER}`,
    )
  const why = columnOf(header, 'why')
  return { sent, received, size, sequence, flow, addresses: addressesOf(header, fail), why }
}

function addressesOf(header: readonly string[], fail: Fail): AddressColumns | undefined {
  const [source, destination, protocol, from, to] = ADDRESS_NAMES.map((name) => columnOf(header, name))
  if (source === undefined && destination === undefined) return undefined
  if (source === undefined) return fail('source', 'is missing beside destination - give both, or neither')
  if (destination === undefined)
    return fail('destination', 'is missing beside source - give both, or neither')
  if (protocol === undefined)
    return fail('protocol', 'is missing beside source and destination - give it, or leave all three out')
  if ((from === undefined) !== (to === undefined)) {
    const [missing, other] =
      from === undefined ? ['sourcePort', 'destinationPort'] : ['destinationPort', 'sourcePort']
    return fail(missing, `is missing beside ${other} - give both, or neither`)
  }
  return { source, destination, protocol, ports: from === undefined ? undefined : [from, to!] }
}

function columnOf(header: readonly string[], name: string): Column | undefined {
  const at = header.indexOf(name)
  return at < 0 ? undefined : { at, name }
}
