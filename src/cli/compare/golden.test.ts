/**
 * The committed results of every numbered scenario: the table that a user sees and summary.csv stand in
 * results/golden/<scenario>/, the other files as checksums. They are the same bytes on every supported Node
 * and with any number of jobs. After a wanted change: LANEWISE_UPDATE=1 npm test, read the difference, and
 * say why under "Numbers changed" in CHANGELOG.md. Files beside the folders are not of scenarios
 * (validation.md: npm run validate).
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { program } from '../program.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const golden = join(root, 'results/golden')
const names = readdirSync(join(root, 'scenarios'))
  .filter((file) => /^\d\d-.*\.yaml$/.test(file))
  .map((file) => basename(file, '.yaml'))
const updates = process.env.LANEWISE_UPDATE === '1'
const CHECKSUMMED = ['report.json', 'runs.csv', 'flows.csv', 'distributions.csv']

/** The golden files that this version makes, by name. */
async function made(name: string, jobs: number): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'lanewise-golden-'))
  try {
    let table = ''
    let complaints = ''
    const exitCode = await program({
      argv: ['compare', join(root, `scenarios/${name}.yaml`), '-q', '-j', String(jobs), '-o', folder],
      stdout: {
        write(text: string) {
          table += text
        },
      },
      stderr: {
        write(text: string) {
          complaints += text
        },
      },
      env: {},
      signal: new AbortController().signal,
    })
    assert.deepEqual([exitCode, complaints], [0, ''])
    const text = (file: string) => readFileSync(join(folder, file), 'utf8')
    const checksum = (file: string) => `${createHash('sha256').update(text(file)).digest('hex')}  ${file}\n`
    return {
      'table.txt': table,
      'summary.csv': text('summary.csv'),
      SHA256SUMS: CHECKSUMMED.map(checksum).join(''),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('every numbered scenario has its golden results, and no other has', () => {
  assert.ok(names.length >= 6)
  if (updates) return
  const folders = readdirSync(golden, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  assert.deepEqual(folders.map(({ name }) => name).toSorted(), names.toSorted())
})

for (const name of names) {
  test(`${name} gives its golden results, whatever the number of jobs`, async () => {
    const files = await made(name, 1)
    if (updates) {
      mkdirSync(join(golden, name), { recursive: true })
      for (const [file, text] of Object.entries(files)) writeFileSync(join(golden, name, file), text)
    }
    for (const [file, text] of Object.entries(files)) {
      const expected = readFileSync(join(golden, name, file), 'utf8')
      assert.equal(text, expected, `${file} differs: see the head of this test's file`)
    }
    assert.deepEqual(await made(name, 2), files, 'with two jobs')
  })
}
