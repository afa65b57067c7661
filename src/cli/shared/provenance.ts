/**
 * Where a result comes from: everything that may differ between two computations of the same numbers, and so
 * is kept out of report.json. Never compared, and never a reason to fail.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import os from 'node:os'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { captureFileOf } from '../../node/capture-part.ts'
import { spooledName } from '../../node/spooled.ts'
import { noFile } from '../../regular-file.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { version } from './version.ts'

export interface CaptureIdentity {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

export interface Provenance {
  readonly lanewise: string
  /** Of the checkout that ran, with -dirty when it was changed; null outside one. */
  readonly commit: string | null
  readonly node: string
  readonly platform: string
  readonly arch: string
  readonly cpu: string | null
  readonly cores: number
  readonly memoryBytes: number
  readonly argv: readonly string[]
  /** null for synthetic sources, and until the work has ended. */
  readonly capture: CaptureIdentity | null
  /** Files that were measured, or that are one capture. */
  readonly inputs?: readonly (CaptureIdentity | null)[]
  readonly startedAt: string
  /** null until the work has ended. */
  readonly endedAt: string | null
}

/** What is known at the start. */
export function provenanceAtStart(argv: readonly string[]): Provenance {
  const cpus = os.cpus()
  return {
    lanewise: version(),
    commit: commit(),
    node: process.version,
    platform: `${process.platform} ${os.release()}`,
    arch: process.arch,
    cpu: cpus[0]?.model ?? null,
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    argv,
    capture: null,
    startedAt: new Date().toISOString(),
    endedAt: null,
  }
}

/**
 * With the end's facts.
 * @param capturePath undefined for synthetic sources; several files are inputs
 * @param named what it is called
 */
export async function provenanceAtEnd(
  start: Provenance,
  capturePath: CapturePaths | undefined,
  named?: string,
): Promise<Provenance> {
  const files = [capturePath ?? []].flat()
  if (files.length > 1)
    return provenanceOfInputs(
      start,
      files.map((path) => ({ path, name: path })),
    )
  const [file] = files
  const capture = file === undefined ? null : await identify(file, named ?? file)
  return { ...start, capture, endedAt: new Date().toISOString() }
}

/** With the end's facts of a measurement. @param files what was read: where it is, and what it is called */
export async function provenanceOfInputs(
  start: Provenance,
  files: readonly { readonly path: string; readonly name: string }[],
): Promise<Provenance> {
  const inputs = await Promise.all(files.map(({ path, name }) => identify(path, name)))
  return { ...start, inputs, endedAt: new Date().toISOString() }
}

async function identify(input: string, named: string): Promise<CaptureIdentity | null> {
  try {
    const path = captureFileOf(input)
    if (noFile(path) !== undefined) return null
    const hash = createHash('sha256')
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
    return { path: spooledName(named), sizeBytes: statSync(path).size, sha256: hash.digest('hex') }
  } catch {
    return null
  }
}

function commit(): string | null {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  if (!existsSync(`${root}.git`)) return null
  try {
    const git = ['-C', root, 'describe', '--always', '--dirty', '--abbrev=40', '--exclude', '*']
    return execFileSync('git', git, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    }).trim()
  } catch {
    return null
  }
}
