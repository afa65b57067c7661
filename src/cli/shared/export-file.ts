/** Files for other programs (--junit, --prometheus): checked before the work, written whole or not at all. */

import type { PolicyGate } from '../../metrics/statistics/gates.ts'
import { type GateCase, junitXml } from '../../report/exports/junit.ts'
import { RESULT_NAMES } from './result-files.ts'
import { checkRowsFile, type OtherFiles } from './rows-file.ts'
import { openTrace } from './trace-file.ts'
import { gateLine } from './verdict/gate-line.ts'

/** Throws UserError where the file can't go there. */
export function checkExport(
  flag: string,
  target: string | undefined,
  others: Omit<OtherFiles, 'results'>,
): void {
  if (target !== undefined) checkRowsFile(flag, target, { ...others, results: RESULT_NAMES })
}

/** Throws UserError where the disk refuses. */
export function writeExport(flag: string, target: string, text: string): void {
  const file = openTrace(target, flag)
  try {
    file.write(text)
    file.keep()
  } finally {
    file.close()
  }
}

/** Writes the gates of policies; nothing without --junit. @param suite what was judged */
export function writePolicyGates(
  target: string | undefined,
  suite: string,
  gates: readonly PolicyGate[] | undefined,
): void {
  if (target === undefined || gates === undefined) return
  const none: GateCase = {
    name: 'gates',
    text: 'no policy is recommended, none keeps the limits',
    isKept: false,
  }
  const cases = gates.map((gate) => {
    const name = `${gate.gate}, ${gate.policy}`
    return { name, text: gateLine(name, { ...gate, value: gate.bound }), isKept: gate.isKept }
  })
  writeExport('--junit', target, junitXml(suite, cases.length === 0 ? [none] : cases))
}
