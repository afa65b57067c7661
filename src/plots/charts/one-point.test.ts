import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ChartInput, reasonAgainst } from '../chart.ts'
import { inputOf, savedReplay, savedScan, savedTune } from '../saved.testing.ts'
import { charts } from './index.ts'

const chartNamed = (name: string) => charts.find((chart) => chart.name === name)!
const loads = inputOf([savedScan([['source.packetsPerSecond', [10_000, 20_000, 40_000]]])])
const TTLs = inputOf([savedTune()])
const replay = inputOf([savedReplay()])

test('a chart of one point names the lanes of that point, and each setting once', () => {
  const scan = savedScan([['lanes.count', [1, 3]], ['runs', [2, 3]]]) // biome-ignore format: one line
  const { subtitle } = chartNamed('trade-off').draw(inputOf([scan], { point: 3 }))!.title as {
    subtitle: string[]
  }
  assert.equal(subtitle[0], 'Made by hand, lanes.count 3, runs 3, load 0.075, seed 1')
})

test('why a chart is not possible fits what was given', () => {
  const why = (name: string, input: ChartInput) => reasonAgainst(chartNamed(name), input)
  assert.match(
    why('latency-cdf', loads),
    /^it shows one point of a scan, and none was chosen - add --point N .* from 0 to 2$/,
  )
  assert.match(
    why('extent-histogram', { ...loads, point: 1 }),
    /^no policy reordered a packet - lanewise compare/,
  )
  assert.match(
    why('latency-cdf', TTLs),
    /^tune saves no distributions\.csv - lanewise compare SCENARIO -p flow-pinned:/,
  )
  assert.match(why('flow-scatter', TTLs), /^tune saves no flows\.csv - /)
  assert.match(why('latency-cdf', replay), /^replays save nothing for it - /)
  assert.match(why('reorder-over-load', TTLs), /^no such setting was scanned/)
})
