/** `--packets`: one CSV row per packet and replay, with everything that was recorded of it. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { UserError } from '../errors.ts'
import { Fate, type ReplayRecord } from '../live/record.ts'
import { csvField } from '../metrics/trace.ts'
import type { FlowTable } from '../model/flow-table.ts'

const HEADER =
  'policy,replay,index,flow,sizeBytes,fate,lane,plannedNs,sentNs,readNs,startNs,finishNs,collectedNs,workNs,readOrder,arrivalOrder\n'
const ROWS_AT_ONCE = 4096

const fateNames = Object.fromEntries(Object.entries(Fate).map(([name, fate]) => [fate, name]))

/** Throws UserError where the file can't be written. */
export function recordWriter(path: string): {
  add(label: string, replay: number, record: ReplayRecord, flows: FlowTable): void
  end(): void
} {
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new UserError(
        `--packets ${path}: can't be written, ${(error as Error).message} - name another file`,
      )
    }
  }
  const file = attempt(() => openSync(path, 'w'))
  attempt(() => writeSync(file, HEADER))
  return {
    add(label, replay, record, flows) {
      let text = ''
      for (let row = 0; row < record.packets; row++) {
        text += `${csvField(label)},${replay},${row},${csvField(flows.describe(record.flow[row]!))},${cells(record, row)}\n`
        if (row % ROWS_AT_ONCE !== ROWS_AT_ONCE - 1 && row < record.packets - 1) continue
        const part = text
        attempt(() => writeSync(file, part))
        text = ''
      }
    },
    end: () => closeSync(file),
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
  return Number.isNaN(ns) ? '' : String(ns)
}
