/** `--packets`: one CSV row per packet and replay, with everything that was recorded of it. */
import { Fate, type ReplayRecord } from '../../live/threads/record.ts'
import { csvField } from '../../metrics/trace.ts'
import type { FlowTable } from '../../model/packets/flow-table.ts'
import { openTrace } from '../shared/trace-file.ts'

const HEADER =
  'policy,replay,index,flow,sizeBytes,fate,lane,plannedNs,sentNs,readNs,startNs,finishNs,collectedNs,workNs,readOrder,arrivalOrder,counted\n'
const ROWS_AT_ONCE = 4096

const fateNames = Object.fromEntries(Object.entries(Fate).map(([name, fate]) => [fate, name]))

export interface RecordWriter {
  /** @param replay its number @param isCounted false for one that was disturbed or ended early */
  add(label: string, replay: number, isCounted: boolean, record: ReplayRecord, flows: FlowTable): void
  /** Puts the file in its place. */
  keep(): void
  /** Removes what isn't kept. */
  close(): void
}

/** Throws UserError where the file can't be written, here and later. */
export function recordWriter(path: string): RecordWriter {
  const file = openTrace(path, '--packets')
  try {
    file.write(HEADER)
  } catch (error) {
    file.close()
    throw error
  }
  return {
    add(label, replay, isCounted, record, flows) {
      const about = `${csvField(label)},${replay}`
      let text = ''
      for (let row = 0; row < record.packets; row++) {
        const flow = csvField(flows.describe(record.flow[row]!))
        text += `${about},${row},${flow},${cells(record, row)},${isCounted ? 1 : 0}\n`
        if (row % ROWS_AT_ONCE !== ROWS_AT_ONCE - 1 && row < record.packets - 1) continue
        file.write(text)
        text = ''
      }
    },
    keep: file.keep,
    close: file.close,
  }
}

function cells(record: ReplayRecord, row: number): string {
  const { plannedNs, sentNs, readNs, startNs, finishNs, collectedNs, workNs } = record
  const times = [plannedNs, sentNs, readNs, startNs, finishNs, collectedNs, workNs].map((column) =>
    known(column[row]!),
  )
  const { sizeBytes, fate, lane, readOrder, arrivalOrder } = record
  const ranks = [readOrder[row]!, arrivalOrder[row]!].map((rank) => (rank < 0 ? '' : rank))
  return [sizeBytes[row], fateNames[fate[row]!], lane[row]! < 0 ? '' : lane[row], ...times, ...ranks].join(
    ',',
  )
}

function known(ns: number): string {
  return Number.isNaN(ns) ? '' : String(Math.round(ns))
}
