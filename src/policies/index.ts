/** The registry of policies: the names that a scenario and the command line know. */
import type { PolicyPlugin } from '../model/policy.ts'
import { anyIdle } from './any-idle.ts'
import { flowPinned } from './flow-pinned.ts'
import { hash } from './hash.ts'
import { openvpnFork } from './openvpn-fork.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'

export const policies: ReadonlyMap<string, PolicyPlugin> = new Map(
  [anyIdle, roundRobin, random, hash, flowPinned, openvpnFork].map((plugin) => [
    plugin.name,
    plugin as unknown as PolicyPlugin,
  ]),
)
