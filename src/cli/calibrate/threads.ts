/**
 * What threads of a running system took of its processors: a CSV with a row per thread, its kind in `thread`
 * (reader, lane or receiver) and `cpuNsPerPacket`, per packet that was sent: what the first number in
 * /proc/PID/task/TID/schedstat says after a run, less what it said before, over the packets (proc(5)). Rows
 * of one kind are summed.
 */
import { reasonOf, UserError } from '../../errors.ts'
import { spooledPath } from '../../node/spooled.ts'
import { readRegular } from '../../regular-file.ts'

const KINDS = ['reader', 'lane', 'receiver'] as const
type Kind = (typeof KINDS)[number]

/** Throws UserError for a file that can't be read, or is none. */
export function readThreads(file: string): Record<Kind, number> {
  let text: string
  try {
    text = readRegular(spooledPath(file))
  } catch (error) {
    throw new UserError(`--threads ${file}: can't be read, ${reasonOf(error)} - check the path`)
  }
  const [head = '', ...rows] = text.trim().split(/\r?\n/)
  const names = head.split(',').map((name) => name.trim())
  const [thread, cpu] = [names.indexOf('thread'), names.indexOf('cpuNsPerPacket')]
  if (thread < 0 || cpu < 0) {
    throw new UserError(`--threads ${file}:1: needs the columns thread and cpuNsPerPacket - add them`, 2)
  }
  const sums = { reader: 0, lane: 0, receiver: 0 }
  for (const [i, row] of rows.entries()) {
    const cells = row.split(',').map((cell) => cell.trim())
    const kind = KINDS.find((name) => name === cells[thread])
    const ns = Number(cells[cpu] || 'none')
    if (kind === undefined || !(ns >= 0 && ns < 1e9)) {
      throw new UserError(
        `--threads ${file}:${i + 2}: expected reader, lane or receiver and its time in ns, such as lane,16700`,
        2,
      )
    }
    sums[kind] += ns
  }
  if (sums.lane > 0) return sums
  throw new UserError(`--threads ${file}: no time of a lane - add a row such as lane,16700`, 2)
}
