/** Runs `lanewise measure` inside a test. */
import assert from 'node:assert/strict'
import type { Measurement } from '../../measure/measurement.ts'
import { type Means, runProgram } from '../run-program.testing.ts'

export const measure = (words: string, means?: Means) => runProgram(['measure', ...words.split(' ')], means)

/** The measurement that succeeds without a word on stderr. */
export async function report(words: string, means?: Means): Promise<Measurement> {
  const { exitCode, stdout, stderr } = await measure(`${words} -f json -q`, means)
  assert.deepEqual([exitCode, stderr], [0, ''])
  return JSON.parse(stdout)
}

/** The values of metrics by name, ratios as [count, of]. */
export function values({ records }: Measurement, ...names: string[]): unknown[] {
  return names.map((name) => {
    const { mean, count, of } = records[0].metrics[name]!
    return count === undefined ? mean : [count, of]
  })
}
