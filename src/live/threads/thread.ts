/**
 * What a thread of a replay runs: opens its end, says that it is ready, waits for the start and does its
 * part.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { reasonOf, UserError } from '../../errors.ts'
import { PolicyError, policyFailure } from '../../model/policy-harness.ts'
import { runQueueWaitNs } from '../device/cpu-use.ts'
import { collect } from './collector.ts'
import { inject } from './injector.ts'
import { runLane } from './lane.ts'
import type { LiveReader } from './reader.ts'
import {
  type PolicySetup,
  type ReplaySetup,
  type ThreadMessage,
  type ThreadTask,
  waitForStart,
} from './setup.ts'

function say(message: ThreadMessage): void {
  parentPort!.postMessage(message)
}

async function run({ role, lane, setup }: ThreadTask): Promise<void> {
  let beforeNs = Number.NaN
  const ready = () => {
    beforeNs = runQueueWaitNs()
    say({ kind: 'ready' })
  }
  if (role === 'injector') inject(setup, ready)
  else if (role === 'lane') runLane(setup, lane, ready)
  else if (role === 'collector') collect(setup, ready)
  else await read(setup, setup.policy!, ready)
  say({ kind: 'waited', runQueueWaitNs: runQueueWaitNs() - beforeNs })
}

async function read(setup: ReplaySetup, policy: PolicySetup, ready: () => void): Promise<void> {
  // Only this thread needs scenarios and policies: the others start at once.
  const { makeReader } = await import('./reader.ts')
  const { policies } = policy.resolved
  let reader: LiveReader | undefined
  try {
    reader = await makeReader(setup, policy)
    ready()
    if (waitForStart(setup.cells)) reader.run()
    say({ kind: 'counters', counters: reader.counters() })
  } catch (error) {
    if (error instanceof UserError) throw error
    const at = reader === undefined ? 'create' : `packet ${reader.packetAtHand}`
    throw new PolicyError(policyFailure(policies[policy.position]!.label, at, error))
  }
}

try {
  await run(workerData as ThreadTask)
} catch (error) {
  if (!(error instanceof UserError || error instanceof PolicyError)) throw error
  say({ kind: 'failure', line: reasonOf(error) })
}
