/** The committed notebooks, as they are; notebooks.slow.test.ts runs them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeCells, notebookFolder, notebookNames, outputsOf } from './notebooks.testing.ts'

test('the notebooks are committed with the outputs of one run, and name no place of a machine', () => {
  assert.deepEqual(
    notebookNames.map((name) => name.slice(0, 2)),
    ['01', '02', '03', '04', '06'],
  )
  for (const name of notebookNames) {
    const cells = codeCells(join(notebookFolder, name))
    assert.deepEqual(
      cells.map(({ execution_count }) => execution_count),
      cells.map((_, i) => i + 1),
      name,
    )
    assert.ok(
      outputsOf(cells).some(({ data }) => data?.['image/png'] !== undefined),
      `${name} shows no chart`,
    )
    for (const { output_type, data } of outputsOf(cells)) {
      assert.equal(output_type, 'display_data', name)
      const text = JSON.stringify({ ...data, 'image/png': undefined })
      assert.doesNotMatch(text, /\/(home|root|tmp|work|Users)\//, name)
    }
  }
})
