/** The registry of policies: the names that a scenario and the command line know. */
import type { PolicyPlugin } from '../model/policy.ts'
import { anyIdle } from './any-idle.ts'
import { cpu } from './cpu.ts'
import { dpdkDistributor } from './dpdk-distributor.ts'
import { drained } from './drained.ts'
import { flowPinned } from './flow-pinned.ts'
import { flowlet } from './flowlet.ts'
import { hash } from './hash.ts'
import { leastLoaded } from './least-loaded.ts'
import { linuxTun } from './linux-tun.ts'
import { lowestRtt } from './lowest-rtt.ts'
import { maglev } from './maglev.ts'
import { openvpnFork } from './openvpn-fork.ts'
import { oracle } from './oracle.ts'
import { random } from './random.ts'
import { rendezvous } from './rendezvous.ts'
import { rollover } from './rollover.ts'
import { roundRobin } from './round-robin.ts'
import { rss } from './rss.ts'
import { rssRebalance } from './rss-rebalance.ts'
import { splitByProtocol } from './split-by-protocol.ts'
import { sprayer } from './sprayer.ts'
import { twoChoices } from './two-choices.ts'

/** The built-in policies, those that are alike together, in the order of lists. */
export const policyFamilies = {
  sprays: [anyIdle, roundRobin, random, leastLoaded, twoChoices, lowestRtt],
  hashes: [hash, rss, cpu, maglev, rendezvous],
  flowTables: [flowPinned, openvpnFork, linuxTun, flowlet, drained],
  systems: [dpdkDistributor, rssRebalance, splitByProtocol, sprayer, rollover],
  bounds: [oracle],
} as const

export const policies: ReadonlyMap<string, PolicyPlugin> = new Map(
  Object.values(policyFamilies)
    .flat()
    .map((plugin) => [plugin.name, plugin as unknown as PolicyPlugin]),
)
