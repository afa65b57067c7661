/**
 * The folder that results are written to. All files of a result are written as parts first; then they get
 * their names, provenance.json with their sums last. So a full disk leaves the earlier result whole, and
 * whoever reads after a crash in between finds that sums and files differ.
 */
import { statSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../../errors.ts'
import { disk, makeFolders } from './disk.ts'
import { MARKER, markerOf, readMarker, type Sums } from './marker.ts'
import { type OpenPart, openPart, removeStaleParts, sha256Of } from './parts.ts'

/** A file that is written piece by piece. */
export interface GrowingFile {
  append(text: string): void
  /** Takes over all that is in a file, which is removed. */
  appendFile(path: string): void
}

export type Files = Readonly<Record<string, string | Uint8Array>>

export interface ResultsFolder {
  readonly path: string
  /** Marks the folder as one of results before it has any; nothing where it is marked already. */
  claim(provenance: object): void
  /**
   * Replaces the result: other files of the earlier one go, if they are still as they were written. Throws
   * UserError when the disk refuses; the earlier files stay.
   */
  write(files: Files, provenance: object): void
  /** Like write, with files that needn't fit memory: they replace the earlier ones together, after `work`. */
  grow<Name extends string>(
    names: readonly Name[],
    provenance: () => Promise<object>,
    work: (files: Readonly<Record<Name, GrowingFile>>) => Promise<void>,
  ): Promise<void>
  /** Writes files beside those that are there. @param provenance of a folder that has none */
  add(files: Files, provenance: object): void
  /** Writes a file that belongs to no result. */
  put(name: string, content: string | Uint8Array): void
  /** Replaces the provenance of what was written. */
  describe(provenance: object): void
  /** Where nothing was written: takes the claim back, and removes the folder if it was made here. */
  discard(): void
}

/** Makes the folder, tries it out, and removes parts of killed commands. Throws UserError. */
export function resultsFolder(folder: string): ResultsFolder {
  const inPlace = (name: string) => path.join(folder, name)
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      if (error instanceof UserError) throw error
      throw unwritable(folder, error as NodeJS.ErrnoException)
    }
  }
  const made = attempt(() => {
    const folders = makeFolders(folder)
    removeStaleParts(folder)
    openPart(folder, 'trial').remove()
    return folders
  })
  const partOf = (name: string, text: string | Uint8Array, parts: Map<string, OpenPart>) => {
    const part = openPart(folder, name)
    parts.set(name, part)
    part.write(text)
    part.close()
    return part
  }
  const put = (name: string, text: string | Uint8Array) => {
    const parts = new Map<string, OpenPart>()
    try {
      partOf(name, text, parts).keep(inPlace(name))
    } finally {
      removeAll(parts)
    }
  }
  /** Gives the parts their names. @param isAddition the files beside them stay */
  const commit = (parts: Map<string, OpenPart>, provenance: object, isAddition = false) => {
    const marker = readMarker(folder)
    const earlier = marker?.files ?? {}
    const sums = Object.fromEntries([...parts].map(([name, part]) => [name, part.sha256()]))
    const names = [...parts]
    // Of 0.1.0: sums of what is added alone would tell that the others aren't ours.
    const isMarked = !isAddition || marker === undefined || marker.files !== undefined
    const described = isAddition ? (marker?.whole ?? provenance) : provenance
    const text = markerText(markerOf(described, isAddition ? { ...earlier, ...sums } : sums))
    const last = isMarked ? partOf(MARKER, text, parts) : undefined
    const unlisted = names.filter(([name]) => !Object.hasOwn(earlier, name))
    if (isMarked && unlisted.length > 0) {
      const claimed = Object.fromEntries(unlisted.map(([name]) => [name, null]))
      put(MARKER, markerText(markerOf(marker?.whole ?? provenance, { ...earlier, ...claimed })))
    }
    for (const [name, part] of names) part.keep(inPlace(name))
    if (!isAddition) for (const name of leftIn(folder, earlier, sums)) disk.remove(inPlace(name))
    last?.keep(inPlace(MARKER))
  }
  const writeAll = (files: Files, provenance: object, isAddition: boolean) =>
    attempt(() => {
      const parts = new Map<string, OpenPart>()
      try {
        for (const [name, text] of Object.entries(files)) partOf(name, text, parts)
        commit(parts, provenance, isAddition)
      } finally {
        removeAll(parts)
      }
    })
  let isClaimed = false
  return {
    path: folder,
    claim(provenance) {
      if (readMarker(folder) !== undefined) return
      attempt(() => put(MARKER, markerText(markerOf(provenance, {}))))
      isClaimed = true
    },
    write: (files, provenance) => writeAll(files, provenance, false),
    async grow(names, provenance, work) {
      const parts = new Map<string, OpenPart>()
      try {
        const files = names.map((name) => {
          const part = attempt(() => openPart(folder, name))
          parts.set(name, part)
          return [
            name,
            {
              append: (text: string) => attempt(() => part.write(text)),
              appendFile: (from: string) => attempt(() => part.takeOver(from)),
            },
          ]
        })
        await work(Object.fromEntries(files))
        const whole = await provenance()
        attempt(() => {
          for (const part of parts.values()) part.close()
          commit(parts, whole)
        })
      } finally {
        removeAll(parts)
      }
    },
    add: (files, provenance) => writeAll(files, provenance, true),
    put: (name, content) => attempt(() => put(name, content)),
    describe: (provenance) =>
      attempt(() => put(MARKER, markerText(markerOf(provenance, readMarker(folder)?.files ?? {})))),
    discard() {
      try {
        if (isClaimed && Object.keys(readMarker(folder)?.files ?? {}).length === 0) {
          disk.remove(inPlace(MARKER))
        }
        for (const one of made.toReversed()) disk.removeFolder(one)
      } catch {
        // Something is in it.
      }
    },
  }
}

/** Removes the parts that have no name yet. */
function removeAll(parts: ReadonlyMap<string, OpenPart>): void {
  for (const part of parts.values()) part.remove()
}

function markerText(marker: object): string {
  return `${JSON.stringify(marker, null, 2)}\n`
}

/** Files of the earlier result that the new one hasn't, as far as nobody has changed them. */
function leftIn(folder: string, earlier: Sums, sums: Sums): string[] {
  return Object.entries(earlier).flatMap(([name, sum]) => {
    const file = path.join(folder, name)
    if (Object.hasOwn(sums, name) || sum === null || name === MARKER) return []
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return []
    return sha256Of(file) === sum ? [name] : []
  })
}

/** What the disk says of a file in the folder, for people. */
export function unwritable(folder: string, error: NodeJS.ErrnoException): UserError {
  return new UserError(`${folder}: results ${reasonAgainst(error)}`)
}

function reasonAgainst({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return "can't be written, a file is in the way - name a folder with -o"
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return "can't be written, no permission - name another folder with -o"
  }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return "can't be written, the disk is full - make room or use -o"
  return `can't be written (${message}) - name another folder with -o`
}
