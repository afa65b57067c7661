/** A measurement for other programs: --prometheus and --junit. */
import { UserError } from '../../errors.ts'
import type { Measurement } from '../../measure/measurement.ts'
import { junitXml } from '../../report/exports/junit.ts'
import { measurementPrometheus } from '../../report/exports/prometheus.ts'
import { checkExport, writeExport } from '../shared/export-file.ts'
import { gateLine } from '../shared/verdict/gate-line.ts'
import type { MeasureOptions } from './options.ts'

type Exports = Pick<MeasureOptions, 'prometheus' | 'junit'>

/** Throws UserError where a file can't go where it should. @param inputs what is read */
export function checkExports(
  { prometheus, junit }: Exports,
  inputs: readonly string[],
  folder: string,
): void {
  checkExport('--prometheus', prometheus, { inputs, folder })
  checkExport('--junit', junit, { inputs, folder })
}

/** Throws UserError (2): where nothing is judged there are no figures. */
export function refuseExports({ prometheus, junit }: Exports): void {
  const [option] = [
    prometheus === undefined ? [] : [`--prometheus ${prometheus}`],
    junit === undefined ? [] : [`--junit ${junit}`],
  ].flat()
  if (option === undefined) return
  throw new UserError(`${option}: one capture gives no figures - give both sides: --sent, --received`, 2)
}

/** Throws UserError where the disk refuses. */
export function writeExports(measurement: Measurement, { prometheus, junit }: Exports): void {
  if (prometheus !== undefined) writeExport('--prometheus', prometheus, measurementPrometheus(measurement))
  if (junit === undefined) return
  const cases = measurement.gates.map((gate) => {
    return { name: gate.gate, text: gateLine(gate.gate, gate), isKept: gate.isKept }
  })
  writeExport('--junit', junit, junitXml(measurement.title, cases))
}
