import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { builtFile, nodeOptions } from '../built.testing.ts'
import { reasonOf } from '../errors.ts'
import { namespaceArguments } from './device/namespace.ts'
import type { TunResult } from './replay-tun.testing.ts'

/** False, or why there are no real devices here. */
function obstacle(): string | false {
  try {
    namespaceArguments()
    return false
  } catch (error) {
    return reasonOf(error)
  }
}

test('replays through real TUN devices, in a namespace of their own', { skip: obstacle() }, async (t) => {
  const script = builtFile('live/replay-tun.testing')
  const command = [...namespaceArguments(), process.execPath, ...nodeOptions, script]
  const { stdout } = await promisify(execFile)('unshare', command, { timeout: 240_000 })
  const results = new Map((JSON.parse(stdout) as TunResult[]).map((result) => [result.name, result]))
  const of = (name: string) => results.get(name)!

  await t.test('every packet is in one place, and none is unaccounted for', () => {
    assert.equal(results.size, 10)
    for (const { counts, sum, name, stampsFit } of results.values()) {
      assert.equal(sum, counts.packets, name)
      assert.equal(counts.unaccounted, 0, name)
      assert.equal(counts.duplicates, 0, name)
      assert.equal(counts.foreign, 0, name)
      assert.ok(stampsFit, name)
    }
  })
  await t.test('at a calm rate every packet comes, whatever the topology', () => {
    for (const name of ['hash', 'any-idle', 'shared', 'multi-queue']) {
      assert.deepEqual([of(name).counts.delivered, of(name).endedEarly], [500, false], name)
    }
  })
  await t.test(
    "hash keeps flows on their lanes and in order, and so does the kernel's own choice of queues",
    () => {
      for (const name of ['hash', 'multi-queue', 'office hash']) {
        assert.deepEqual([of(name).lanesOfFlowMax, of(name).reordered], [1, 0], name)
      }
      assert.ok(of('office round-robin').reordered > 100)
      assert.ok(of('shared').lanesOfFlowMax > 1)
    },
  )
  await t.test('several places lose packets at once, each counted there', () => {
    const { counts } = of('lossy')
    for (const place of [
      'delivered',
      'tunDropped',
      'laneDropped',
      'collectorDropped',
      'sendFailed',
    ] as const) {
      assert.ok(counts[place] > 0, `${place}: ${JSON.stringify(counts)}`)
    }
  })
  await t.test('packets fewer than lanes come, and packets behind many headers', () => {
    assert.equal(of('few').counts.delivered, 2)
    assert.equal(of('deep').counts.delivered, of('deep').counts.packets, JSON.stringify(of('deep').counts))
    assert.equal(of('deep').counts.packets, 48)
  })
  await t.test('a replay that is ended early has the results so far', () => {
    const { counts, endedEarly } = of('ended early')
    assert.equal(endedEarly, true)
    assert.ok(counts.delivered >= 100 && counts.notSent > 10_000, JSON.stringify(counts))
  })
})
