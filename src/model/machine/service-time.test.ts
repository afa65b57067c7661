import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceNs, workNs, workOnLane } from './service-time.ts'

test('service is work over speed, rounded once, half up', () => {
  const work = { fixedNs: 8000, perByteNs: 4.25 }
  const cases: ReadonlyArray<
    readonly [size: number, draw: number, speed: number, work: number, service: number]
  > = [
    [700, 15_000, 1, 25_975, 25_975],
    [3, 0, 1, 8012.75, 8013],
    [2, 0, 1, 8008.5, 8009],
    [1, 0, 1, 8004.25, 8004],
    [2, 0, 0.5, 8008.5, 16_017],
    [700, 15_000, 3, 25_975, 8658],
    [0, 0.75, 1000, 8000.75, 8],
  ]
  for (const [size, draw, speed, exact, whole] of cases) {
    assert.equal(workNs(work, size, draw), exact)
    assert.equal(serviceNs(work, speed, size, draw), whole)
  }
})

test('settings that list a value per lane give that of one', () => {
  assert.deepEqual(workOnLane({ fixedNs: [1, 2], perByteNs: [0.5, 4] }, 1), { fixedNs: 2, perByteNs: 4 })
})
