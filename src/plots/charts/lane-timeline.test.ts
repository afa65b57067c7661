import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRenderer } from '../render.ts'
import { inputOf, madeWindow } from '../saved.testing.ts'
import { laneTimeline } from './lane-timeline.ts'

const draw = (trace: typeof madeWindow) => laneTimeline.draw(inputOf([], { trace }))!

test('the lane timeline says where it ends early, and when bars are too narrow', () => {
  const subtitleOf = (trace: typeof madeWindow) =>
    (draw(trace).title as { subtitle: string[] }).subtitle.join(' ')
  assert.doesNotMatch(subtitleOf(madeWindow), /picture ends|too narrow/)
  assert.match(
    subtitleOf({ ...madeWindow, askedToNs: 4_001_000 }),
    /A policy has more than 400 packets, so the picture ends after 200 us of 4 ms \(--from shows/,
  )
  assert.match(
    subtitleOf({ ...madeWindow, toNs: 1e9 }),
    /Most bars are too narrow .* choose a shorter time with --for\./,
  )
})

test('the time axis says where it begins after the first packet', () => {
  const late = draw({ ...madeWindow, firstNs: -2e6 })
  assert.match(JSON.stringify(late), /time after 0\.002001 s from the first packet \(us\)/)
})

test('ticks of the lane timeline have all their digits', async () => {
  const renderer = await makeRenderer()
  const svg = await renderer.toSvg(draw({ ...madeWindow, toNs: 2_001_000 }))
  for (const tick of ['1,250', '1,750']) assert.ok(svg.includes(`>${tick}<`), tick)
})

test('one policy that is left out is one, several are several', () => {
  const subtitleOf = (policiesLeftOut: number) =>
    (draw({ ...madeWindow, policiesLeftOut }).title as { subtitle: string[] }).subtitle.join(' ')
  assert.match(subtitleOf(1), /1 further policy of the trace isn't shown/)
  assert.match(subtitleOf(2), /2 further policies of the trace aren't shown/)
})
