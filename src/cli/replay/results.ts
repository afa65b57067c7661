/**
 * The results of a replay in their folder: written from the first replay that has finished, and after each
 * one. What an earlier command has left there, calibrations too, goes with the first of them.
 */

import type { ResultsFolder } from '../../node/files/results-folder.ts'
import type { JudgedReplays } from '../../report/live/judged-replays.ts'
import { liveCsv } from '../../report/live/live-csv.ts'
import { jsonText } from '../../report/parts/json.ts'
import type { MeasuredLanes, ReplayCalibration } from '../../scenario/schema/calibration.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { type Provenance, provenanceAtEnd } from '../shared/provenance.ts'

/** What a subject's calibration is called: easy to name for the first one that has one. */
export function calibrationName(position: number, label: string): string {
  return position === 0 ? 'calibration.json' : `calibration-${label.replaceAll(/[^\w.-]+/g, '_')}.json`
}

export class ReplayResults {
  readonly folder: ResultsFolder
  /** Replays that weren't ended early, in the latest report. */
  finished = 0
  private readonly provenance: Provenance

  constructor(folder: ResultsFolder, provenance: Provenance) {
    this.folder = folder
    this.provenance = provenance
  }

  /** Writes nothing as long as there is neither a finished replay nor the reason why there is none. */
  write(report: JudgedReplays): void {
    const { subjects } = report
    this.finished = subjects.flatMap(({ replays }) => replays.filter((row) => !row.endedEarly)).length
    if (this.finished === 0 && subjects.some(({ error }) => error === null)) return
    this.folder.write({ 'report.json': jsonText(report), 'live.csv': liveCsv(report) }, this.provenance)
  }

  /**
   * @param calibrations by the subjects' labels: the first one is calibration.json, so that it is easy to
   * name
   */
  async end(
    calibrations: ReadonlyMap<string, MeasuredLanes>,
    capturePath: CapturePaths | undefined,
  ): Promise<void> {
    const files = [...calibrations].map(([label, measured], i) => {
      const written: ReplayCalibration = { kind: 'lanewise calibration', schemaVersion: 2, measured }
      return [calibrationName(i, label), jsonText(written)]
    })
    if (files.length > 0) this.folder.add(Object.fromEntries(files), this.provenance)
    this.folder.describe(await provenanceAtEnd(this.provenance, capturePath))
  }
}
