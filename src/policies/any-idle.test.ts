import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LaneView } from '../model/policy.ts'
import { anyIdle } from './any-idle.ts'

test('the longest idle lane comes first, never used ones before all others', () => {
  const idle = new Set([0, 1, 2])
  const lanes = { count: 3, isIdle: (lane: number) => idle.has(lane) } as unknown as LaneView
  const policy = anyIdle.create({ order: 'longest' }, lanes, () => 0)
  const choose = () => policy.choose({} as never, lanes, 0)
  const leave = (lane: number) => {
    idle.add(lane)
    policy.onDeparture!({} as never, lane, 0)
  }
  const steps: ReadonlyArray<readonly [act: () => void, chosen: number]> = [
    [() => {}, 0],
    [() => idle.delete(0), 1],
    [() => leave(0), 1],
    [() => idle.delete(1), 2],
    [() => idle.delete(2), 0],
    [() => leave(2), 0],
    [() => leave(0), 2],
    [() => leave(1), 2],
    [() => idle.delete(2), 0],
    [() => idle.clear(), -1],
  ]
  for (const [i, [act, chosen]] of steps.entries()) {
    act()
    assert.equal(choose(), chosen, `step ${i}`)
  }
})
