/**
 * The threads of one replay: ready together, and ended with it, whatever happened.
 */
import type { Worker } from 'node:worker_threads'
import { UserError } from '../../errors.ts'
import type { ReplaySetup, Role, ThreadMessage, ThreadTask } from './setup.ts'
import { startThread } from './start-thread.ts'

/** How long a thread may take to end by itself, ms; the replay is over then. */
const END_MS = 500

/** A thread's time on run queues, ready to run but without a core; NaN where the kernel doesn't count it. */
export interface ThreadWait {
  readonly role: Role
  readonly runQueueWaitNs: number
}

export interface Threads {
  /** When all are ready to begin. */
  readonly ready: Promise<void>
  /** Never resolved; rejected when a thread can't go on: a UserError, or whatever it threw. */
  readonly failed: Promise<never>
  /** What the policy has counted; complete once the threads have ended. */
  readonly counters: Readonly<Record<string, number>>
  /** How long each waited for a core; complete once the threads have ended. Who is terminated has none. */
  readonly waits: readonly ThreadWait[]
  /** Waits until all have ended, which they are told by the cells; ends those that don't. */
  end(): Promise<void>
}

export function startThreads(setup: ReplaySetup): Threads {
  const workers: Worker[] = []
  const counters: Record<string, number> = {}
  const waits: ThreadWait[] = []
  let fail: (reason: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Whoever waits for it hears of it; nobody has to.
  failed.catch(() => {})

  function start(role: Role, lane = 0): Promise<void> {
    const worker = startThread('./thread', { role, lane, setup } satisfies ThreadTask)
    workers.push(worker)
    worker.on('error', fail)
    return new Promise((resolve) => {
      worker.on('message', (message: ThreadMessage) => {
        if (message.kind === 'ready') resolve()
        else if (message.kind === 'counters') Object.assign(counters, message.counters)
        else if (message.kind === 'waited') waits.push({ role, runQueueWaitNs: message.runQueueWaitNs })
        else fail(new UserError(message.line))
      })
    })
  }

  const begun = [start('collector')]
  for (let lane = 0; lane < setup.lanes; lane++) begun.push(start('lane', lane))
  if (setup.topology === 'dispatcher') begun.push(start('reader'))
  begun.push(start('injector'))
  const exits = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
  return {
    ready: Promise.race([failed, Promise.all(begun).then(() => {})]),
    failed,
    counters,
    waits,
    async end() {
      const late = new Promise((resolve) => setTimeout(resolve, END_MS).unref())
      await Promise.race([Promise.all(exits), late])
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
