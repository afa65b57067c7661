import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CoreThread, type RunQueueSettings, RunQueues } from './run-queues.ts'

/** A thread with so much to do, or one that spins. */
class Working implements CoreThread {
  leftNs: number
  private startedNs = 0
  constructor(leftNs: number) {
    this.leftNs = leftNs
  }
  run(nowNs: number): number {
    this.startedNs = nowNs
    return nowNs + this.leftNs
  }
  pause(nowNs: number): void {
    this.leftNs -= nowNs - this.startedNs
  }
}

/**
 * Runs threads that wake at given times, each once, until all have slept again; says when and where each
 * finished. Draws are the given ones in turn, the last one again and again.
 */
function finished(
  settings: Partial<RunQueueSettings>,
  works: readonly { at: number; work: number; waker?: number; wakeUp?: number }[],
  draws: readonly number[] = [0.999],
) {
  const dueNs = works.map(() => Number.POSITIVE_INFINITY)
  const threads = works.map(({ work }) => new Working(work))
  let drawn = 0
  const draw = () => draws[Math.min(drawn++, draws.length - 1)]!
  const all = { count: 2, timeSliceNs: 1000, staysRatio: 0, pullsRatio: 0, ...settings }
  const queues = new RunQueues(all, threads, draw, {
    scheduleThread(thread, timeNs) {
      dueNs[thread] = timeNs
    },
    coreChanged() {},
  })
  const ends = works.map(() => Number.NaN)
  const waking = works.map(({ at }, thread) => ({ at, thread })).sort((a, b) => a.at - b.at)
  for (let guard = 0; guard < 10_000; guard++) {
    const nextNs = Math.min(...dueNs)
    const first = waking[0]
    if (first !== undefined && first.at <= nextNs) {
      waking.shift()
      const { waker = -1, wakeUp = 0 } = works[first.thread]!
      queues.wake(first.thread, waker, first.at, wakeUp)
      continue
    }
    if (nextNs === Number.POSITIVE_INFINITY) return ends
    const thread = dueNs.indexOf(nextNs)
    if (!queues.hasFinished(thread, nextNs)) continue
    ends[thread] = nextNs
    queues.sleep(thread, nextNs)
  }
  throw new Error('never ends')
}

test('a thread runs where it last ran, else on an idle core, else it queues where it last ran', () => {
  // Threads 0 and 2 last ran on core 0, thread 1 on core 1: 2 finds 0 busy and takes core 1; 1 queues there.
  const ends = finished({}, [
    { at: 0, work: 100 },
    { at: 20, work: 10 },
    { at: 10, work: 50 },
  ])
  assert.deepEqual(ends, [100, 70, 60])
})

test('waking up takes its time on an idle core only', () => {
  assert.deepEqual(finished({ count: 1 }, [{ at: 0, work: 100, wakeUp: 7 }, { at: 5, work: 10, wakeUp: 7 }]), [107, 117]) // biome-ignore format: a row
})

test("a thread that starts on its waker's core waits for it, whoever else is idle", () => {
  const works = [
    { at: 0, work: 100 },
    { at: 10, work: 10, waker: 0 },
  ]
  assert.deepEqual(finished({}, works), [100, 20])
  assert.deepEqual(finished({ staysRatio: 1 }, works), [100, 110])
})

test('a core that becomes idle takes over who waits elsewhere, by chance', () => {
  // Threads 0 and 2 on core 0, 1 on core 1 until 30.
  const works = [
    { at: 0, work: 500 },
    { at: 0, work: 30 },
    { at: 10, work: 10, waker: 0 },
  ]
  assert.deepEqual(finished({ staysRatio: 1 }, works), [500, 30, 510])
  assert.deepEqual(finished({ staysRatio: 1, pullsRatio: 1 }, works), [500, 30, 40])
})

test('a slice ends after a third of it at least, where another thread waits, and goes to the back', () => {
  // Turns of 1/3 + 2/3 * 0.25 = half of the slice of 1,000.
  const works = [
    { at: 0, work: 700 },
    { at: 10, work: 600 },
  ]
  assert.deepEqual(finished({ count: 1 }, works, [0.25]), [1200, 1300])
})

test('at the end of a slice an idle core takes who waits', () => {
  const works = [
    { at: 0, work: 700 },
    { at: 10, work: 600, waker: 0 },
  ]
  // 500 is the end of the turn; core 1 is idle all the time.
  assert.deepEqual(finished({ staysRatio: 1 }, works, [0.25]), [700, 1100])
})
