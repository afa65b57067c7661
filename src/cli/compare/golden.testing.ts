/** Test support: the numbered scenarios, and what of their results is committed in results/golden/. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { repository } from '../../built.testing.ts'
import { runProgram } from '../run-program.testing.ts'

export const golden = join(repository, 'results/golden')
export const scenarioNames: readonly string[] = readdirSync(join(repository, 'scenarios'))
  .filter((file) => /^\d\d-.*\.yaml$/.test(file))
  .map((file) => basename(file, '.yaml'))
const CHECKSUMMED = ['report.json', 'runs.csv', 'flows.csv', 'distributions.csv']

/** The golden files that this version makes, by name. */
export async function goldenFilesOf(name: string, jobs: number): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'lanewise-golden-'))
  try {
    const argv = ['compare', `@${name}`, '-q', '-j', String(jobs), '-o', folder]
    const { exitCode, stdout, stderr } = await runProgram(argv)
    assert.deepEqual([exitCode, stderr], [0, ''])
    const text = (file: string) => readFileSync(join(folder, file), 'utf8')
    const checksum = (file: string) => `${createHash('sha256').update(text(file)).digest('hex')}  ${file}\n`
    return {
      'table.txt': stdout,
      'summary.csv': text('summary.csv'),
      SHA256SUMS: CHECKSUMMED.map(checksum).join(''),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Throws where the files are not those that are committed. */
export function assertGolden(name: string, files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    const expected = readFileSync(join(golden, name, file), 'utf8')
    assert.equal(text, expected, `${file} differs: see the head of golden.test.ts`)
  }
}
