import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { UserError } from '../errors.ts'
import type { RunResult } from '../metrics/result.ts'
import { FLOWS_PER_POINT_MAX, savedPoints } from './saved-points.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-saved-'))
after(() => rmSync(folder, { recursive: true }))
const key = 'a'.repeat(32)
const other = 'b'.repeat(32)

const resultOf = (run: number, rows: readonly [number, number, number][]) =>
  ({
    run,
    load: {},
    warnings: [],
    policies: [
      {
        label: 'hash',
        metrics: { reorderedRatio: { count: run, of: 10 }, latencyNsP50: null },
        distributions: [{ metric: 'latencyNs', rows }],
        flows: Array.from({ length: 80 }, (_, i) => ({
          flow: `${run}/${i}`,
          sent: 9,
          delivered: 9,
          reordered: 80 - i,
        })),
        error: null,
      },
    ],
  }) as unknown as RunResult

test('what is saved is read back, its histograms summed and its flows bounded over the runs', () => {
  const points = savedPoints(path.join(folder, 'new', 'points'), false)
  assert.equal(points.has(key), false)
  points.save(key, [resultOf(0, [[0, 5, 1], [10, 20, 2]]), resultOf(1, [[5, 10, 7], [10, 20, 3]])]) // biome-ignore format: rows
  assert.equal(points.has(key), true)
  const saved = points.read(key)
  assert.deepEqual(saved.distributions, [
    { label: 'hash', distributions: [{ metric: 'latencyNs', rows: [[0, 5, 1], [5, 10, 7], [10, 20, 5]] }] }, // biome-ignore format: rows
  ])
  assert.deepEqual(
    saved.results.map(({ policies }) => policies[0]!.metrics),
    [0, 1].map((run) => ({ reorderedRatio: { count: run, of: 10 }, latencyNsP50: null })),
  )
  const flows = saved.results.flatMap(({ policies }) => policies[0]!.flows)
  assert.equal(flows.length, FLOWS_PER_POINT_MAX)
  assert.equal(Math.min(...flows.map(({ reordered }) => reordered)), 31)
})

test('anew removes saved points and parts of a killed scan, going on only the parts; other files stay', () => {
  const place = path.join(folder, 'again')
  savedPoints(place, true).save(key, [resultOf(0, [])])
  writeFileSync(path.join(place, `${other}.json.123-4.part`), '{"ke')
  writeFileSync(path.join(place, 'notes.txt'), 'mine')
  savedPoints(place, false)
  assert.deepEqual(readdirSync(place), [`${key}.json`, 'notes.txt'])
  savedPoints(place, true)
  assert.deepEqual(readdirSync(place), ['notes.txt'])
})

test('a saved point that was cut off is one line with the cure', () => {
  const points = savedPoints(path.join(folder, 'cut'), true)
  points.save(key, [resultOf(0, [])])
  writeFileSync(path.join(points.path, `${key}.json`), '{"key": "a')
  assert.throws(
    () => points.read(key),
    (error) =>
      error instanceof UserError && /a saved point can't be read, .* - remove it/.test(error.lines[0]!),
  )
})

test('a folder that takes no files is one line', () => {
  writeFileSync(path.join(folder, 'file'), '')
  assert.throws(
    () => savedPoints(path.join(folder, 'file'), true),
    (error) => error instanceof UserError && /points can't be saved/.test(error.lines[0]!),
  )
})
