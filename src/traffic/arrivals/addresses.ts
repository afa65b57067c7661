/**
 * Who sends to whom, of the flows in an arrivals CSV: by its columns of addresses, or, where it has none, by
 * addresses made up. These are a UDP 5-tuple and an address pair of its own for each flow, so that whatever a
 * policy hashes tells flows apart as the file does; none begins with a byte that has the bits of 10, which
 * the OpenVPN fork's exception would leave out of its table.
 */
import { type FlowTable, NO_PORT, TCP, UDP } from '../../model/packets/flow-table.ts'
import { type Prefix, parsePrefix } from '../../model/packets/prefix.ts'
import type { CsvRows } from './csv-rows.ts'
import type { AddressColumns } from './sent-columns.ts'

/** 100.64.0.0/10, which is nobody's (RFC 6598), to 198.18.0.0/15, which benchmarks use (RFC 2544). */
const MADE_SOURCE = 0x64400000
const MADE_SOURCES_BITS = 22
const MADE_DESTINATION = 0xc6120001
const MADE_PORTS = [40_000, 5001] as const

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: TCP, udp: UDP, icmpv6: 58 }

/** A flow of the table, its number `flow` (the table's count), with addresses that no other has. */
export function addMadeFlow(table: FlowTable): number {
  const { key, count: flow } = table
  key.fill(0)
  key[0] = MADE_SOURCE + (flow % (1 << MADE_SOURCES_BITS))
  key[4] = MADE_DESTINATION + Math.floor(flow / (1 << MADE_SOURCES_BITS))
  return table.intern(4, UDP, ...MADE_PORTS)
}

/** The flow of the row's addresses. Throws a UserError where they are none. */
export function addressedFlow(rows: CsvRows, columns: AddressColumns, table: FlowTable): number {
  const { source, destination, protocol, ports } = columns
  const from = addressOf(rows, source)
  const to = addressOf(rows, destination)
  if (isV4(from) !== isV4(to))
    rows.fail(
      destination.name,
      `is "${rows.text(destination.at)}", of another IP version than source - give both alike`,
    )
  const number = protocolOf(rows.text(protocol.at).toLowerCase())
  if (number === undefined) rows.failNumber(protocol, 'write tcp, udp or a number from 0 to 255')
  const [sourcePort, destinationPort] = ports?.map((port) => portOf(rows, port)) ?? [NO_PORT, NO_PORT]
  if ((sourcePort === NO_PORT) !== (destinationPort === NO_PORT))
    rows.fail('', 'one port of two - give both sourcePort and destinationPort, or neither')
  const { key } = table
  key.fill(0)
  setWords(key, 0, from)
  setWords(key, 4, to)
  return table.intern(isV4(from) ? 4 : 6, number!, sourcePort!, destinationPort!)
}

type Address = Prefix['groups']
const V4_GROUPS_AT = 6

function addressOf(rows: CsvRows, column: { readonly at: number; readonly name: string }): Address {
  const text = rows.text(column.at)
  const prefix = parsePrefix(`${text}/${text.includes(':') ? 128 : 32}`)
  if (prefix === undefined) rows.failNumber(column, 'write an address like 10.8.0.2 or fd08::2')
  return prefix!.groups
}

/** IPv4 stands as ::ffff:a.b.c.d, which is what such an address means. */
function isV4(groups: Address): boolean {
  return groups.slice(0, V4_GROUPS_AT).join() === '0,0,0,0,0,65535'
}

function setWords(key: Uint32Array, at: number, groups: Address): void {
  if (isV4(groups)) key[at] = word(groups, V4_GROUPS_AT)
  else for (let i = 0; i < 4; i++) key[at + i] = word(groups, 2 * i)
}

function word(groups: Address, at: number): number {
  return ((groups[at]! << 16) | groups[at + 1]!) >>> 0
}

function protocolOf(text: string): number | undefined {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text)
  return PROTOCOLS[text]
}

function portOf(rows: CsvRows, column: { readonly at: number; readonly name: string }): number {
  const text = rows.text(column.at)
  if (text === '') return NO_PORT
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    rows.failNumber(column, 'write a number from 0 to 65535, or nothing')
  return Number(text)
}
