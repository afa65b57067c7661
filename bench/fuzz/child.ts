/**
 * Fuzzes one target until its time is up. Each input stands in a file before it is tried, behind its number,
 * so that whoever watches knows what ended this process, or keeps it busy. Inputs that reach new code join
 * the corpus. stdout: a line of JSON at the end; stderr: why an input failed.
 *
 * node --import tsx bench/fuzz/child.ts TARGET SEED SECONDS FOLDER MADE
 */
import { openSync, writeSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { UserError } from '../../src/errors.ts'
import { randomStream } from '../../src/sim/random.ts'
import { startCoverage } from './coverage.ts'
import { mutate } from './mutate.ts'
import { targets } from './targets.ts'

/** Coverage takes long to read, so it is read for so many inputs together. */
const BATCH = 24
const CORPUS_MAX = 500
/**
 * What is looked at from outside is what inputs need, not what waits to be collected: that is done after each
 * batch, and after an input that took so long.
 */
const LONG_MS = 50

const [name, seed, seconds, folder, made] = process.argv.slice(2) as [string, string, string, string, string]
const target = targets.find((one) => one.name === name)!
const draw = randomStream(seed, 0, name)
const file = openSync(path.join(folder, 'input'), 'w')
const head = Buffer.alloc(12)
const untilMs = performance.now() + 1000 * Number(seconds)
const scratch = path.join(folder, 'files')
let tried = 0

async function attempt(input: Uint8Array): Promise<void> {
  const fromMs = performance.now()
  head.writeDoubleLE(++tried, 0)
  head.writeUInt32LE(input.length, 8)
  writeSync(file, Buffer.concat([head, input]), 0, head.length + input.length, 0)
  try {
    await target.run(input, scratch)
  } catch (error) {
    if (error instanceof UserError) return
    process.stderr.write(`${(error as Error)?.stack ?? String(error)}\n`)
    process.exit(3)
  }
  if (performance.now() - fromMs > LONG_MS) globalThis.gc?.()
}

const corpus: Uint8Array[] = []
const coverage = await startCoverage(pathToFileURL(path.join(import.meta.dirname, '../../src/')).href)
for (const input of target.seeds(made)) {
  await attempt(input)
  corpus.push(input)
}
await coverage.take()
const any = () => corpus[Math.floor(draw() * corpus.length)]!
while (performance.now() < untilMs) {
  const batch = Array.from({ length: BATCH }, () => mutate(any(), any(), target, draw))
  for (const input of batch) await attempt(input)
  globalThis.gc?.()
  if ((await coverage.take()) === 0 || corpus.length >= CORPUS_MAX) continue
  // Which of them it was isn't known any more: those that are quick to say so by being shortest go first.
  corpus.push(...batch.sort((a, b) => a.length - b.length).slice(0, 2), batch[Math.floor(draw() * BATCH)]!)
}
process.stdout.write(`${JSON.stringify({ tried, blocks: coverage.size, corpus: corpus.length })}\n`)
await coverage.end()
