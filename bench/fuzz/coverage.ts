/**
 * Which blocks of lanewise's own code have run, by V8's precise coverage. Blocks that were met before are
 * remembered, so that an input is worth keeping where it reaches a new one.
 */
import { Session } from 'node:inspector/promises'

export interface Coverage {
  /** Blocks met so far. */
  readonly size: number
  /** Takes what has run since the last call; how many of these blocks are new. */
  take(): Promise<number>
  end(): Promise<void>
}

/** @param root address of the folder whose code counts */
export async function startCoverage(root: string): Promise<Coverage> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const met = new Set<string>()
  return {
    get size() {
      return met.size
    },
    async take() {
      const { result } = await session.post('Profiler.takePreciseCoverage')
      const before = met.size
      for (const { url, scriptId, functions } of result) {
        if (!url.startsWith(root)) continue
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count > 0) met.add(`${scriptId}:${startOffset}:${endOffset}`)
          }
        }
      }
      return met.size - before
    },
    async end() {
      await session.post('Profiler.stopPreciseCoverage')
      session.disconnect()
    },
  }
}
