/**
 * Test support: one run of a scenario by the core alone, from text and bytes to text. This file is bundled
 * for a browser, so it imports nothing of Node.
 */
import { scenarioFromText } from '../scenario/loaded-scenario.ts'
import { ByteStream } from '../traffic/capture/byte-stream.ts'
import { planOf } from './plan.ts'
import { simulateRun } from './simulate-run.ts'

export interface Task {
  /** The scenario's file, for messages. */
  readonly name: string
  readonly text: string
  /** The capture's bytes, unzipped, in base64; undefined for a synthetic source. */
  readonly capture?: string | undefined
}

/** Everything that run 0 gives, as JSON. */
export async function runOf({ name, text, capture }: Task): Promise<string> {
  const bytes = Uint8Array.from(atob(capture ?? ''), (char) => char.charCodeAt(0))
  let at = 0
  const openBytes = async () =>
    new ByteStream(
      {
        async read(target, into, length) {
          const piece = bytes.subarray(at, at + length)
          target.set(piece, into)
          at += piece.length
          return piece.length
        },
        async close() {},
      },
      false,
    )
  const result = await simulateRun(planOf(scenarioFromText(text, name)), 0, { openBytes })
  const plain = (_key: string, value: unknown) =>
    ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value
  return JSON.stringify(result, plain)
}
