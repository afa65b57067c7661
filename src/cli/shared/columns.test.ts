/** Names of --columns and --sort-rows: which metric each of them means. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../../errors.ts'
import { COMPARED } from '../../report/comparison/columns.ts'
import { viewOf } from './columns.ts'

const ours = { usual: COMPARED, policies: [{}] }
const own = { usual: COMPARED, policies: [{ module: './mine.ts' }] }
const named = (columns: string, shown: Parameters<typeof viewOf>[2] = ours) =>
  viewOf({ columns }, 'csv', shown).metrics

test('a name, a title, a head and a word of a usual head mean their metric, each once', () => {
  for (const [given, metric] of [
    ['reorderedRatio', 'reorderedRatio'],
    ['Reordered packets', 'reorderedRatio'],
    ['flows hit', 'flowsReorderedRatio'],
    ['SACK', 'sackLostRatio'],
    ['p99', 'latencyNsP99'],
    ['drops', 'dropRatio'],
    ['lanes', 'laneLoadJain'],
    // Of no usual head, but a part of one title alone, as lanewise list metrics finds it.
    ['unsafe', 'unsafeMoves'],
    ['nReordering[3]', 'nReordering[3]'],
    ['tunnel.reorderedRatio', 'tunnel.reorderedRatio'],
  ] as const) {
    assert.deepEqual(named(given), [metric], given)
  }
  assert.deepEqual(named(' p99, reordered,latencyNsP99'), ['latencyNsP99', 'reorderedRatio'])
})

test("what only measurements and replays have isn't a column, nor a suggestion", () => {
  for (const given of ['owdNsP50', 'laneShare[0]']) {
    assert.throws(() => named(given), /no metric of a simulation is called so - lanewise list metrics/)
  }
})

test('a policy of the user may count anything, but words of usual heads keep their meaning', () => {
  assert.deepEqual(named('steals,p99,unsafe', own), ['steals', 'latencyNsP99', 'unsafe'])
  assert.throws(() => named('no counter', own), UserError)
})

test('the best comes first: the least of what should be little, the most of what should be much', () => {
  const order = (sortRows: string) => viewOf({ sortRows }, 'table', ours).order!
  assert.equal(order('reordered').isDescending, false)
  assert.equal(order('even').isDescending, true)
  assert.equal(order('even:asc').isDescending, false)
  assert.throws(() => order('even:asc:desc'), /"asc:desc" is no direction/)
})
