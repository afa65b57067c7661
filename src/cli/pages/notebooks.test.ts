/**
 * Runs the notebooks from the first cell to the last, without a browser, and compares what they show with
 * what is committed. Cells with the tag "measured" show what a machine does, so theirs may differ. After a
 * wanted change: npm run notebooks, and read the prose around what changed. Skipped without Jupyter or Deno.
 */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

interface Output {
  readonly output_type: string
  readonly data?: Readonly<Record<string, unknown>>
}
interface Cell {
  readonly cell_type: string
  readonly execution_count?: number | null
  readonly metadata: { readonly tags?: readonly string[] }
  readonly outputs?: readonly Output[]
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = join(root, 'notebooks')
const names = readdirSync(folder).filter((file) => file.endsWith('.ipynb'))
const TIMEOUT_MS = 120_000

const codeCells = (path: string) =>
  (JSON.parse(readFileSync(path, 'utf8')) as { cells: Cell[] }).cells.filter(
    ({ cell_type }) => cell_type === 'code',
  )
const outputsOf = (cells: readonly Cell[]) => cells.flatMap(({ outputs }) => outputs ?? [])
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
  return existsSync(join(root, 'dist/cli/main.js')) ? false : 'dist/ is not there - npm run build'
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
    JUPYTER_PATH: temporary,
    JUPYTER_RUNTIME_DIR: join(temporary, 'runtime'),
    JUPYTER_CONFIG_DIR: join(temporary, 'config'),
    DENO_DIR: join(temporary, 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
  }
  const options = ['--to', 'notebook', '--execute', '--allow-errors', '--output-dir', temporary]
  await promisify(execFile)('jupyter-nbconvert', [...options, join(folder, name)], {
    env,
    timeout: TIMEOUT_MS,
  })
  return join(temporary, name)
}

test('the four notebooks are committed with the outputs of one run, and name no place of a machine', () => {
  assert.deepEqual(
    names.map((name) => name.slice(0, 2)),
    ['01', '02', '03', '04'],
  )
  for (const name of names) {
    const cells = codeCells(join(folder, name))
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

for (const name of names) {
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
      assert.deepEqual(shownBy(cells), shownBy(codeCells(join(folder, name))), 'npm run notebooks')
    } finally {
      rmSync(temporary, { recursive: true })
    }
  })
}
