/**
 * The raw output of owping -R and owstats -R: a line per packet, SEQNO STIME SS SERR RTIME RS RERR TTL. Times
 * are NTP's 64 bits as a decimal number, seconds since 1900 and their 2^32ths; RTIME is 0 for a lost packet.
 * SS and RS say whether the clocks of sender and receiver were synchronised: without that, no delay is known.
 * Numbers that the file has no line of were not sent (OWAMP's skipped ranges, RFC 4656 section 4.1.2).
 */
import { shown, UserError } from '../../errors.ts'
import type { ByteStream } from '../../traffic/capture/byte-stream.ts'
import { grouped } from '../../units.ts'
import { alignClocks } from '../matching/clock.ts'
import { Arrivals, countsOf, type Measured } from './arrivals.ts'
import { recordBatches } from './text-records.ts'

const LINE = /^\s*(\d{1,10})\s+(\d{1,20})\s+([01])\s+\S+\s+(\d{1,20})\s+([01])\s+\S+\s+\d{1,3}\s*$/
/** The first line: times of this century, whose first digits say that they are NTP's. */
const FIRST = /^\s*\d{1,10}\s+\d{19,20}\s+[01]\s+\S+\s+(?:0|\d{19,20})\s+[01]\s+\S+\s+\d{1,3}\s*$/
const FRACTION_BITS = 32n
const FRACTION = (1n << FRACTION_BITS) - 1n

export function isOwpingRaw(line: string): boolean {
  return FIRST.test(line)
}

/** Throws a UserError with `file:line: what - cure`. @param name stands for the file in messages */
export async function readOwpingRaw(stream: ByteStream, name: string): Promise<Measured> {
  const arrivals = new Arrivals()
  const sequences: number[] = []
  const notes: string[] = []
  let areSynchronised = true
  let baseSeconds: bigint | undefined
  let line = 0
  const timeNs = (ntp: string): number => {
    const time = BigInt(ntp)
    const seconds = time >> FRACTION_BITS
    baseSeconds ??= seconds
    const ns = ((time & FRACTION) * 1_000_000_000n + (1n << (FRACTION_BITS - 1n))) >> FRACTION_BITS
    const value = Number((seconds - baseSeconds) * 1_000_000_000n + ns)
    if (Number.isSafeInteger(value)) return value
    throw new UserError(
      `${name}:${line}: ${ntp} is 104 days and more from the first time - leave the line out`,
    )
  }
  for await (const lines of recordBatches(
    stream,
    `${name}:${line + 1}: a line of more than 1 MB - give owping -R's output`,
  )) {
    for (const text of lines) {
      line++
      if (text.trim() === '') continue
      const fields = LINE.exec(text)
      if (fields === null) {
        if (stream.failure !== undefined) continue
        const cure = 'expected SEQNO STIME SS SERR RTIME RS RERR TTL, as owping -R prints it'
        throw new UserError(`${name}:${line}: ${shown(text)} - ${cure}`)
      }
      const [, sequence, sent, sentSync, received, receivedSync] = fields
      sequences.push(Number(sequence))
      if (/^0+$/.test(received!)) continue
      const row = arrivals.add(0, Number(sequence))
      arrivals.sentNs[row] = timeNs(sent!)
      arrivals.receivedNs[row] = timeNs(received!)
      if (sentSync !== '1' || receivedSync !== '1') areSynchronised = false
    }
  }
  if (stream.failure !== undefined)
    notes.push(`${name}: ${stream.failure} - the ${grouped(sequences.length)} lines before are used`)
  const { count, sentNs, receivedNs } = arrivals
  if (count === 0)
    throw new UserError(`${name}: no packet arrived (RTIME is 0 in all lines) - nothing to measure`)
  const { sent, unsent } = renumber(arrivals, sequences)
  if (unsent > 0)
    notes.push(`${name}: ${grouped(unsent)} numbers have no line - taken as skipped by the sender, not lost`)
  if (!areSynchronised)
    notes.push(`${name}: clocks were not synchronised (SS or RS is 0) - no one-way delay is known`)
  return {
    arrivals,
    flows: { count: 1, describe: () => 'all', protocol: () => undefined, sent: () => sent },
    counts: countsOf(count),
    clock: alignClocks(sentNs, receivedNs, count, { areTwo: !areSynchronised }),
    numbering: 'owping',
    notes,
  }
}

/** Numbers packets from 0 among those that were sent; how many were, and how many up to the last were not. */
function renumber(arrivals: Arrivals, sequences: readonly number[]): { sent: number; unsent: number } {
  const sorted = Float64Array.from(sequences).sort()
  const distinct = sorted.filter((number, i) => i === 0 || number !== sorted[i - 1])
  for (let row = 0; row < arrivals.count; row++) {
    const number = arrivals.sequence[row]!
    let low = 0
    let high = distinct.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (distinct[middle]! < number) low = middle + 1
      else high = middle
    }
    arrivals.sequence[row] = low
  }
  const sent = distinct.length
  return { sent, unsent: distinct[sent - 1]! + 1 - sent }
}
