/** Two qlogs behind --sent and --received, which take two captures as well; one of each is refused. */
import { UserError } from '../../errors.ts'
import { isQlog } from '../../measure/arrivals/input-kind.ts'
import type { CaptureFile } from '../../traffic/capture/capture-files.ts'
import { filesOf, refuseSameFile } from '../shared/capture-pair.ts'

export interface QlogSides {
  readonly sent: CaptureFile
  readonly received: CaptureFile
}

/** Undefined where no file is a qlog. Throws UserError (2) where only some are, or a side is several. */
export async function qlogsOf(sides: {
  readonly sent: readonly string[]
  readonly received: readonly string[]
}): Promise<QlogSides | undefined> {
  const sent = filesOf('--sent', sides.sent)
  const received = filesOf('--received', sides.received)
  const found: CaptureFile[] = []
  for (const file of [...sent, ...received]) if (await isQlog(file.path, file.name)) found.push(file)
  if (found.length === 0) return undefined
  const many = sent.length + received.length
  if (found.length < many)
    throw new UserError(
      `${found[0]!.name}: a qlog among captures - give both sides as captures, or both as qlogs`,
      2,
    )
  if (many > 2)
    throw new UserError(`${many} qlogs - give one of each side: a qlog may hold several connections`, 2)
  refuseSameFile(sent, received)
  return { sent: sent[0]!, received: received[0]! }
}
