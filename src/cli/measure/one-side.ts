/**
 * One capture instead of two: says what it can't tell and what it can (inspect/one-sided.ts). Nothing is
 * written.
 */
import { UserError } from '../../errors.ts'
import { judgeOneSide } from '../../measure/inspect/one-sided.ts'
import { jsonText } from '../../report/parts/json.ts'
import { plain } from '../../report/parts/small-table.ts'
import { wrap } from '../../report/parts/wrap.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { visibleIn } from '../../visible.ts'
import { type ProcessIo, widthOf } from '../shared/process-io.ts'
import type { Checked } from './options.ts'

/**
 * Resolves to the exit code: 2 where a gate was asked for, which one capture can't answer. Throws UserError.
 */
export async function explainOneSide(
  { path, name }: { readonly path: CapturePaths; readonly name: string },
  { limits, format }: Checked,
  { stdout, stderr }: ProcessIo,
): Promise<number> {
  if (format === 'csv')
    throw new UserError('-f csv: one capture gives sentences, no rows - use table, json or markdown', 2)
  const found = await judgeOneSide(path, name)
  const lines = visibleIn(found.lines)
  if (format === 'json') stdout.write(jsonText({ schemaVersion: 1, capture: name, ...found }))
  else if (format === 'markdown') stdout.write(lines.map((line) => `- ${plain(line)}\n`).join(''))
  else {
    const width = widthOf(stdout)
    stdout.write(lines.map((line) => `${wrap(line, width - 2, width).join('\n  ')}\n`).join(''))
  }
  if (limits.size === 0) return 0
  const gates = [...limits.keys()].map((gate) => `--max-${gate}`).join(', ')
  stderr.write(`${gates}: one capture can't answer that - give both sides: --sent, --received\n`)
  return 2
}
