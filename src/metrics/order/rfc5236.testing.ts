/**
 * Test support: RFC 5236 as it is written (definitions 2.2 and 2.3 of ../shared/metrics), and streams to try
 * it on.
 */
import fc from 'fast-check'

export interface StayBack {
  /** Packets counted, in the order of receive indexes. */
  readonly taken: Array<{ number: number; displacement: number; receiveIndex: number }>
  discarded: number
  repeated: number
  /** Greatest excess of numbers that have no receive index yet over packets in the window. */
  excessMax: number
}

/** The stay-back algorithm of section 7.1, with lists and searches. */
export function stayBack(arrivals: readonly number[], dt: number, resync: boolean, first = 1): StayBack {
  const result: StayBack = { taken: [], discarded: 0, repeated: 0, excessMax: 0 }
  const window: number[] = []
  const buffer = new Set<number>()
  let at = 0
  let index = first
  const pull = () => {
    while (at < arrivals.length) {
      const number = arrivals[at++]!
      if (number >= index && !buffer.has(number) && !window.includes(number)) {
        window.push(number)
        return
      }
      result.repeated++
    }
  }
  for (let i = 0; i <= dt; i++) pull()
  while (window.length > 0) {
    const waiting = [...window, ...buffer].filter((number) => number >= index)
    result.excessMax = Math.max(result.excessMax, Math.abs(waiting.length - window.length))
    if (window.includes(index) || buffer.has(index)) {
      const number = window.shift()!
      const displacement = index - number
      if (Math.abs(displacement) <= dt) {
        result.taken.push({ number, displacement, receiveIndex: index })
        buffer.delete(index)
        if (displacement < 0) buffer.add(number)
        index++
      } else {
        result.discarded++
        if (resync && displacement > dt) {
          buffer.delete(index)
          index++
        }
      }
      pull()
    } else {
      const least = Math.min(...window, ...buffer)
      index = least > index ? least : index + 1
    }
  }
  return result
}

/**
 * The pseudo-code of section 7.2, `fixed` as definition 3.8 asks. @returns the occupancy after each arrival
 */
export function occupancies(arrivals: readonly number[], bt: number, fixed: boolean, first = 1) {
  const buffer = new Set<number>()
  let expected = first
  return arrivals.map((number) => {
    if (buffer.has(number) || number < expected) return null
    if (number > expected && buffer.size < bt) buffer.add(number)
    else {
      while (!buffer.has(expected) && expected !== number) expected++
      while (buffer.has(expected) || expected === number) buffer.delete(expected++)
      if (fixed && number >= expected) buffer.add(number)
    }
    return buffer.size
  })
}

/**
 * Numbers from 1 on: delayed at random, some lost, some twice, long gaps, and numbers that are far too great.
 */
export const streams = fc
  .tuple(
    fc.integer({ min: 0, max: 14 }),
    fc.array(fc.tuple(fc.nat({ max: 14 }), fc.nat({ max: 29 })), { maxLength: 90, size: 'max' }),
  )
  .map(([spread, packets]) => {
    const copies: Array<{ number: number; at: number }> = []
    let number = 0
    for (const [i, [delay, fate]] of packets.entries()) {
      number += fate === 3 ? 40 : 1
      const at = i + Math.min(delay, spread)
      if (fate === 0) continue
      copies.push({ number, at })
      if (fate === 1) copies.push({ number, at: at + 5 })
      if (fate === 2) copies.push({ number: number + 700, at })
      if (fate === 4) copies.push({ number: number + 20, at })
    }
    return copies.toSorted((a, b) => a.at - b.at).map((copy) => copy.number)
  })
