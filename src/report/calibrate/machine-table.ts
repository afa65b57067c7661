/** What was measured of this machine, as a small table and as plain data. */
import type { Cost } from '../../live/machine/cost.ts'
import type { MeasuredMachine } from '../../live/machine/machine.ts'
import { counted, formatDurationNs, grouped, significant } from '../../units.ts'
import { columns } from '../parts/small-table.ts'
import { wrap } from '../parts/wrap.ts'

/** Lines for a terminal, at most `width` wide. */
export function machineTable(machine: MeasuredMachine, width: number): string {
  const { cores, encryption, tunWrite, wakeUp, date } = machine
  const costs: ReadonlyArray<readonly [string, Cost]> = [
    ['aes-256-gcm', encryption['aes-256-gcm']],
    ['chacha20-\npoly1305', encryption['chacha20-poly1305']],
    ...(tunWrite === null ? [] : [['TUN write', tunWrite] as const]),
  ]
  const rows = costs[0]![1].sizes.map(({ sizeBytes }, i) => [
    `${sizeBytes} B`,
    ...costs.flatMap(([, { sizes }]) => [sizes[i]!.nsP50, sizes[i]!.nsP99].map(formatDurationNs)),
  ])
  const line = (name: string, of: (cost: Cost) => string) => [
    name,
    ...costs.flatMap(([, cost]) => [of(cost), '']),
  ]
  const table = columns({
    heads: ['a packet of', ...costs.flatMap(([name]) => [`${name}\np50`, 'p99'])],
    rows: [
      ...rows,
      line('fixed', ({ fixedNs }) => formatDurationNs(fixedNs)),
      line('per byte', ({ perByteNs }) => `${significant(perByteNs)} ns`),
    ],
  })
  const { nsP50, nsP90, nsP99, nsP999, nsMax, count } = wakeUp
  const times = Object.entries({ p50: nsP50, p90: nsP90, p99: nsP99, 'p99.9': nsP999 })
    .map(([name, ns]) => `${name} ${formatDurationNs(ns)}`)
    .join(', ')
  const woken = `A sleeping thread begins ${times}, at most ${formatDurationNs(nsMax)} after it is woken (${grouped(count)} times).`
  const lines = [
    `This machine: ${counted(cores, 'core')}, measured on ${date}`,
    '',
    ...table,
    '',
    ...wrap(woken, width),
    ...wrap('fixed and per byte: a line through the medians.', width),
  ]
  return lines.map((one) => `${one.trimEnd()}\n`).join('')
}

/** @param calibration where it is written, and which bytes it is */
export function machineData(
  { cores, encryption, tunWrite, wakeUp, date }: MeasuredMachine,
  calibration: { readonly file: string; readonly sha256: string },
) {
  const data = ({ beyondLineNs: _, ...cost }: Cost) => cost
  return {
    kind: 'lanewise machine',
    schemaVersion: 1,
    date,
    cores,
    encryption: Object.fromEntries(Object.entries(encryption).map(([name, cost]) => [name, data(cost)])),
    tunWrite: tunWrite && data(tunWrite),
    wakeUp,
    calibration,
  }
}
