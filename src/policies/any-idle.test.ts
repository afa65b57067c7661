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

test('as last seen: the highest lane that was idle after the packet before, else the highest now, else it waits', () => {
  const idle = new Set([0, 1, 2, 3])
  const lanes = { count: 4, isIdle: (lane: number) => idle.has(lane) } as unknown as LaneView
  const policy = anyIdle.create({ order: 'last-look' }, lanes, () => 0)
  const steps: ReadonlyArray<readonly [became: string, lanes: readonly number[], chosen: number]> = [
    ['nothing was looked at: the highest now', [], 3],
    ['lane 3 is idle again, but was busy at the look', [3], 2],
    ['so a slow stream alternates', [2], 3],
    ['lane 3 still works: the look keeps 1', [], 2],
    ['lanes 2 and 3 are idle by now, 1 was kept', [2, 3], 1],
    ['the look after that kept 3', [], 3],
    ['2', [], 2],
    ['0', [], 0],
    ['at the last look none was idle, and none is', [], -1],
    ['nor now', [], -1],
    ['none was idle at the last look: the highest when it comes', [1, 2], 2],
    ['and that look kept 1', [0, 3], 1],
  ]
  for (const [what, became, chosen] of steps) {
    for (const lane of became) idle.add(lane)
    assert.equal(policy.choose({} as never, lanes, 0), chosen, what)
    idle.delete(chosen)
  }
})
