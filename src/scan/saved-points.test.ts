import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { UserError } from '../errors.ts'
import type { RunResult } from '../metrics/result.ts'
import { partPath } from '../node/files/parts.ts'
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

test('anew removes saved points, of 0.1.0 too, and nothing that only has such a name', () => {
  const place = path.join(folder, 'again')
  savedPoints(place, true).save(key, [resultOf(0, [])])
  writeFileSync(path.join(place, `${other}.json`), `{"key":"${other}","results":[]}`)
  writeFileSync(path.join(place, `${'c'.repeat(32)}.json`), '{"mine":1}')
  writeFileSync(path.join(place, 'notes.txt'), 'mine')
  const mine = [`${'c'.repeat(32)}.json`, 'notes.txt']
  savedPoints(place, false)
  assert.deepEqual(readdirSync(place).sort(), [`${key}.json`, `${other}.json`, ...mine].sort())
  savedPoints(place, true)
  assert.deepEqual(readdirSync(place), mine)
})

test('parts of a killed scan are removed', { skip: process.platform !== 'linux' }, () => {
  const points = savedPoints(path.join(folder, 'parts'), true)
  const { pid } = spawnSync('true')
  const part = partPath(points.path, `${key}.json`).replace(`-${process.pid}-`, `-${pid}-`)
  writeFileSync(part, '{"ke')
  savedPoints(points.path, false)
  assert.deepEqual(readdirSync(points.path), [])
})

test('a saved point in which anything was changed is known, dropped with a line, and never read', () => {
  const points = savedPoints(path.join(folder, 'changed'), true)
  const file = path.join(points.path, `${key}.json`)
  points.save(key, [resultOf(0, [[0, 5, 1]])])
  const whole = readFileSync(file, 'utf8')
  assert.deepEqual(points.dropDamaged([key]), [])
  const changes = [whole.slice(0, -1), '', '{"key": "a', '[]', whole.replace('"of":10', '"of":11'), whole.replaceAll('a', 'b'), `${whole} `, whole.replace(/"sha256":"[0-9a-f]+",/, '')] // biome-ignore format: a row
  for (const text of changes) {
    writeFileSync(file, text)
    assert.throws(
      () => points.read(key),
      (error) =>
        error instanceof UserError && /a saved point can't be read, .* - go on/.test(error.lines[0]!),
      text,
    )
    assert.deepEqual(points.dropDamaged([key]), [
      `${file}: a saved point is damaged, so it is simulated again`,
    ])
    assert.equal(points.has(key), false)
  }
  // A point in another one's place is as wrong.
  writeFileSync(path.join(points.path, `${other}.json`), whole.replace(key, other))
  assert.equal(points.dropDamaged([other]).length, 1)
})

test('a folder that takes no files is one line', () => {
  writeFileSync(path.join(folder, 'file'), '')
  assert.throws(
    () => savedPoints(path.join(folder, 'file'), true),
    (error) => error instanceof UserError && /points can't be saved/.test(error.lines[0]!),
  )
})
