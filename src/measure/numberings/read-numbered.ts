/**
 * Judges a system by one capture behind it, where packets carry numbers that their sender counts up
 * (kinds.ts): reads the capture (numbered-capture.ts), finds out which flows have which numbers
 * (choose-kinds.ts), and gives them as arrivals, a flow per counter (numbered-arrivals.ts). What was sent
 * before the smallest number or after the greatest can't be known.
 */
import { type CapturePaths, wholeName } from '../../traffic/capture/capture-files.ts'
import type { Measured } from '../arrivals/arrivals.ts'
import { chooseKinds, namesOf } from './choose-kinds.ts'
import { numberKinds, type Wanted } from './kinds.ts'
import { numberedArrivals } from './numbered-arrivals.ts'
import { NumberedCapture } from './numbered-capture.ts'

/**
 * The arrivals of one capture by its packets' own numbers; undefined where it has none of those wanted.
 * Throws a UserError where it can't be read. @param name stands for the path in messages
 */
export async function readNumbered(
  path: CapturePaths,
  wanted: Wanted,
  name = wholeName(path),
): Promise<Measured | undefined> {
  const isAuto = wanted === 'auto'
  const kinds = isAuto ? numberKinds : wanted
  const capture = new NumberedCapture(name, kinds, isAuto)
  await capture.read(path)
  const packetsOfFlow = new Float64Array(capture.flows.count)
  for (let row = 0; row < capture.count; row++) packetsOfFlow[capture.flow[row]!]!++
  const chosen = chooseKinds(
    {
      all: capture.streams,
      flowCount: capture.flows.count,
      packets: capture.count,
      packetsOfFlow,
      timeNs: capture.timeNs,
    },
    isAuto,
  )
  const names = namesOf(chosen, isAuto ? numberKinds : kinds)
  return names.length === 0 ? undefined : numberedArrivals(capture, chosen, names)
}
