/**
 * provenance.json, which marks a folder as one of results that lanewise wrote: its kind, the command, and the
 * files with their SHA-256 sums. Whatever isn't listed there is somebody else's. Results of 0.1.0 have
 * neither kind nor sums; their folders count as ours too.
 */
import { lstatSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { UserError } from '../../errors.ts'
import { disk } from './disk.ts'
import { isPart, sha256Of } from './parts.ts'

export const MARKER = 'provenance.json'
const KIND = 'lanewise results'

const sum = z.string().regex(/^[0-9a-f]{64}$/)
const markerSchema = z.looseObject({
  kind: z.literal(KIND).optional(),
  lanewise: z.string(),
  argv: z.array(z.string()),
  /** By name; null: about to be written, by a command that was killed or is still at it. */
  files: z.record(z.string().regex(/^[^/\\]*[^/\\.][^/\\]*$/), sum.nullable()).optional(),
})

/** Name to sum. */
export type Sums = Readonly<Record<string, string | null>>

export interface Marker {
  /** The command line, without node and script. */
  readonly argv: readonly string[]
  /** Undefined in results of 0.1.0. */
  readonly files: Sums | undefined
  /** Everything that stands there. */
  readonly whole: object
}

/** The marker of a folder; undefined where there is none, or another's. */
export function readMarker(folder: string): Marker | undefined {
  try {
    const whole = markerSchema.parse(JSON.parse(disk.readText(path.join(folder, MARKER))))
    // With sums there is a kind; without, it is of 0.1.0.
    if ((whole.kind === undefined) !== (whole.files === undefined)) return undefined
    return { argv: whole.argv, files: whole.files, whole }
  } catch {
    return undefined
  }
}

/** What stands in a marker, its kind first. */
export function markerOf(provenance: object, files: Sums): object {
  return { kind: KIND, ...provenance, files }
}

/** What is to be written where. */
export interface Wanted {
  readonly folder: string
  /** Names of the files; provenance.json is one of every results folder. */
  readonly names: readonly string[]
  /** Names that are only known later. */
  readonly alsoNamed?: RegExp | undefined
  /** What the command reads; undefined ones aren't there. */
  readonly inputs: ReadonlyArray<string | undefined>
}

/** Is the file one of these, whichever links lead to it? */
export function sameFile(file: string, others: readonly string[]): boolean {
  const found = identityOf(file)
  return others.flatMap(identityOf).some((one) => found.includes(one))
}

/** Throws UserError (2) where a file that is to be written would replace one that is read. */
export function refuseInputs({ folder, names, alsoNamed, inputs }: Wanted): void {
  const read = new Set(inputs.flatMap((input) => identityOf(input)))
  for (const name of [...names, MARKER, ...namesIn(folder, alsoNamed)]) {
    const isRead = identityOf(path.join(folder, name)).some((one) => read.has(one))
    if (isRead) throw refused(folder, `${name} is the file that is read`)
  }
}

/** Throws UserError (2) where a file that is to be written would replace one that lanewise didn't write. */
export function refuseForeign({ folder, names, alsoNamed }: Omit<Wanted, 'inputs'>): void {
  const marker = readMarker(folder)
  if (marker !== undefined && marker.files === undefined) return
  const own = marker === undefined ? [] : [MARKER, ...Object.keys(marker.files!)]
  for (const name of [...names, MARKER, ...namesIn(folder, alsoNamed)]) {
    if (!own.includes(name) && isThere(path.join(folder, name))) {
      throw refused(folder, `${name} is there already, and lanewise didn't write it`)
    }
  }
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

function refused(folder: string, what: string): UserError {
  return new UserError(`-o ${folder}: ${what} - name another folder`, 2)
}

function namesIn(folder: string, names: RegExp | undefined): string[] {
  try {
    return names === undefined ? [] : disk.list(folder).filter((name) => names.test(name))
  } catch {
    return []
  }
}

/** What a file is, whichever links lead to it; of standard input the file behind it. */
function identityOf(file: string | undefined): string[] {
  if (file === undefined) return []
  try {
    const found = statSync(file === '-' ? '/dev/stdin' : file, { bigint: true })
    return [`${found.dev}:${found.ino}`]
  } catch {
    return []
  }
}

/**
 * Holds the files of a folder to the sums in its marker. Files that aren't there are nobody's mistake.
 * @returns names that are listed; undefined where there are no sums
 * Throws UserError for a file that isn't the one that was written with the others.
 */
export function checkSums(folder: string): ReadonlySet<string> | undefined {
  const sums = readMarker(folder)?.files
  if (sums === undefined) return undefined
  for (const [name, expected] of Object.entries(sums)) {
    const file = path.join(folder, name)
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue
    if (expected === null || sha256Of(file) !== expected) {
      throw new UserError(
        `${file}: isn't the file that ${MARKER} is about, so the results are a mix or were changed - run the command that wrote them again`,
      )
    }
  }
  return new Set(Object.keys(sums))
}

/** The first file in a folder, or below it, that lanewise didn't write; undefined without one. */
export function othersIn(folder: string, isOurs = isListed(readMarker(folder))): string | undefined {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    if (!entry.isDirectory()) {
      if (!isOurs(entry.name) && !isPart(entry.name)) return file
      continue
    }
    const own = readMarker(file)
    const inner = own !== undefined ? isListed(own) : (name: string) => POINT_FILE.test(name)
    const other = othersIn(file, inner)
    if (other !== undefined) return other
  }
  return undefined
}

/** Of results of 0.1.0 every name counts that they have. */
function isListed(marker: Marker | undefined): (name: string) => boolean {
  return (name) => name === MARKER || marker?.files === undefined || Object.hasOwn(marker.files, name)
}

/** A saved point of a scan. */
export const POINT_FILE = /^[0-9a-f]{32}\.json$/
