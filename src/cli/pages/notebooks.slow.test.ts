/**
 * Runs the notebooks from the first cell to the last, without a browser, and compares what they show with
 * what is committed. Cells with the tag "measured" show what a machine does, so theirs may differ. After a
 * wanted change: npm run notebooks, and read the prose around what changed. Skipped without Jupyter or Deno.
 */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { builtFile, nodeOptions } from '../../built.testing.ts'
import { type Cell, codeCells, notebookFolder, notebookNames, outputsOf } from './notebooks.testing.ts'

const TIMEOUT_MS = 120_000

/** PNGs left out: their bytes are the renderer's, and the chart's specification stands beside them. */
const shownBy = (cells: readonly Cell[]) =>
  cells
    .filter(({ metadata }) => metadata.tags?.includes('measured') !== true)
    .map(({ outputs }) => outputs!.map(({ data }) => ({ ...data, 'image/png': undefined })))

function missing(): string | false {
  for (const [program, ...argv] of [
    ['jupyter-nbconvert', '--version'],
    ['deno', '--version'],
  ]) {
    if (spawnSync(program!, argv).status !== 0) return `${program} is not there (README.md, Notebooks)`
  }
  return false
}

/**
 * A new file with the notebook's outputs; Jupyter and Deno keep what they keep in the same temporary folder.
 */
async function execute(name: string, temporary: string): Promise<string> {
  const kernel = join(temporary, 'kernels/deno')
  mkdirSync(kernel, { recursive: true })
  const argv = ['deno', 'jupyter', '--kernel', '--conn', '{connection_file}']
  writeFileSync(
    join(kernel, 'kernel.json'),
    JSON.stringify({ argv, display_name: 'Deno', language: 'typescript' }),
  )
  const env = {
    ...process.env,
    // Run by itself, under tsx, this test takes dist/.
    ...(nodeOptions.length === 0 ? { LANEWISE_MAIN: builtFile('cli/main') } : {}),
    JUPYTER_PATH: temporary,
    JUPYTER_RUNTIME_DIR: join(temporary, 'runtime'),
    JUPYTER_CONFIG_DIR: join(temporary, 'config'),
    DENO_DIR: join(temporary, 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
  }
  const options = ['--to', 'notebook', '--execute', '--allow-errors', '--output-dir', temporary]
  await promisify(execFile)('jupyter-nbconvert', [...options, join(notebookFolder, name)], {
    env,
    timeout: TIMEOUT_MS,
  })
  return join(temporary, name)
}

for (const name of notebookNames) {
  test(`${name} runs headless, shows charts, and gives what is committed`, {
    skip: missing(),
    timeout: TIMEOUT_MS,
  }, async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'lanewise-notebook-'))
    try {
      const cells = codeCells(await execute(name, temporary))
      const outputs = outputsOf(cells)
      assert.deepEqual(
        outputs.filter(({ output_type }) => output_type === 'error'),
        [],
      )
      assert.ok(outputs.some(({ data }) => data?.['image/png'] !== undefined))
      assert.deepEqual(shownBy(cells), shownBy(codeCells(join(notebookFolder, name))), 'npm run notebooks')
    } finally {
      rmSync(temporary, { recursive: true })
    }
  })
}
