/**
 * How long a lane that sleeps takes to begin, once a packet has been handed to it: as between the reader and
 * a lane of a replay, by the same ring. The lane is another thread; only packets that find it asleep count.
 * Waits between them differ, so that no timer of the machine's keeps step with them.
 */
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Pause, type RunClock } from '../threads/pause.ts'
import { RingInput, ringPlaces } from '../threads/ring.ts'
import { Cell, LaneCell, laneCell, newCells } from '../threads/shared-counters.ts'
import { startThread } from '../threads/start-thread.ts'
import type { SleeperSetup } from './sleeper.ts'

const WAKES_MAX = 20_000
const GAP_NS_MIN = 300_000
const GAP_NS_MAX = 1_500_000
const WAKES_PER_PIECE = 10
/** Steps of it never come into step with anything: the golden ratio. */
const STEP = (Math.sqrt(5) - 1) / 2
/** The thread ends by itself when it is told. */
const END_MS = 500

/** @returns times from handing over to beginning, ns. @throws the signal's reason */
export async function wakeUps(lengthNs: number, clock: RunClock, signal: AbortSignal): Promise<Float64Array> {
  const cells = newCells(1)
  const setup: SleeperSetup = {
    clock,
    cells,
    places: ringPlaces(1),
    begunNs: new Float64Array(new SharedArrayBuffer(8 * WAKES_MAX)),
  }
  const thread = startThread('../machine/sleeper', setup)
  const ended = once(thread, 'exit')
  try {
    await Promise.race([once(thread, 'message'), ended])
    return await wake(setup, lengthNs, signal)
  } finally {
    Atomics.store(cells, Cell.stopped, 1)
    Atomics.notify(cells, laneCell(0, LaneCell.pushed))
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, END_MS).unref())])
    await thread.terminate()
  }
}

async function wake(
  { clock, cells, places, begunNs }: SleeperSetup,
  lengthNs: number,
  signal: AbortSignal,
): Promise<Float64Array> {
  const pause = new Pause(clock, 0, cells)
  const input = new RingInput(places, cells, 0)
  const handedNs = new Float64Array(WAKES_MAX)
  const endNs = pause.now() + lengthNs
  let wakes = 0
  for (let turn = 0; wakes < WAKES_MAX && pause.now() < endNs; turn++) {
    const phase = (turn * STEP) % 1
    pause.until(pause.now() + GAP_NS_MIN + phase * (GAP_NS_MAX - GAP_NS_MIN))
    if (Atomics.load(cells, laneCell(0, LaneCell.sleeps)) === 1 && input.departures === wakes) {
      handedNs[wakes] = pause.now()
      input.push(wakes++)
    }
    if (turn % WAKES_PER_PIECE !== 0) continue
    await setImmediate()
    signal.throwIfAborted()
  }
  // The last one may still be on its way.
  const finished = Math.min(wakes, input.departures)
  return Float64Array.from({ length: finished }, (_, i) => begunNs[i]! - handedNs[i]!)
}
