/**
 * The loop of a run: fill to the horizon, consume, advance to the horizon, hear. Open loop has its horizon at
 * infinity, so it is the same loop with one window.
 */
import type { PacketChunk } from '../model/packets/chunk.ts'
import type { Offer } from './offer.ts'

/** What takes the packets of an offer: see {@link PolicyRunner}. */
export interface Driven {
  consume(chunk: PacketChunk): void
  /** False: nothing is inside that leaves by itself. */
  advanceTo(horizonNs: number): boolean
}

export interface DriveOptions {
  /** ns; default the traffic's lookahead, which is the longest that gives its packets exactly. */
  readonly windowNs?: number | undefined
  /** Called now and then; the run waits for it, and ends if it throws. */
  readonly onPause?: (() => void | Promise<void>) | undefined
}

/** Windows between two pauses, where windows are short. */
const WINDOWS_PER_PAUSE = 256

/** Drives pipelines with an offer until that is over; what is inside then is theirs to finish. */
export async function drive(
  offer: Offer,
  driven: readonly Driven[],
  { windowNs = offer.traffic.lookaheadNs, onPause }: DriveOptions = {},
): Promise<void> {
  let horizonNs = offer.nextNs + windowNs
  for (let windows = 1; !offer.isOver; windows++) {
    // Asked also where nothing is due, so that the traffic knows how far it was taken.
    do {
      await offer.fill(horizonNs)
      for (const one of driven) one.consume(offer.chunk)
      if (windowNs === Number.POSITIVE_INFINITY && offer.chunk.count > 0) await onPause?.()
    } while (offer.nextNs < horizonNs)
    if (offer.isOver) return
    let isAnyInside = false
    for (const one of driven) isAnyInside = one.advanceTo(horizonNs) || isAnyInside
    // A sender may wait for nothing but to hear of what is still inside.
    if (!isAnyInside && offer.nextNs === Number.POSITIVE_INFINITY) return
    if (windows % WINDOWS_PER_PAUSE === 0) await onPause?.()
    // With nothing inside there is nothing to hear before the next packet is sent.
    horizonNs = (isAnyInside ? horizonNs : Math.max(horizonNs, offer.nextNs)) + windowNs
  }
}
