/**
 * The folder that results are written to. Every file is written beside its place and renamed, so that a
 * reader, or whoever comes after a crash, always finds a whole file.
 */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { UserError } from '../../errors.ts'

const TRIAL = '.lanewise-trial'
const PIECE_BYTES = 1 << 20

/** A file that is written piece by piece and stands in its place when all is there. */
export interface GrowingFile {
  append(text: string): void
  /** Takes over all that is in a file, which is removed. */
  appendFile(path: string): void
}

export interface ResultsFolder {
  readonly path: string
  /** Replaces files, by name. Throws UserError when the disk refuses; the earlier files stay. */
  write(files: Readonly<Record<string, string | Uint8Array>>): void
  /** Like write, with files that needn't fit memory: they replace the earlier ones together, after `work`. */
  grow<Name extends string>(
    names: readonly Name[],
    work: (files: Readonly<Record<Name, GrowingFile>>) => Promise<void>,
  ): Promise<void>
  /** Removes a file that is there. */
  remove(name: string): void
  /** Removes the files whose names match, which an earlier command left. */
  removeMatching(names: RegExp): void
  /** Removes the files of a folder in it whose names match, and that folder when nothing else is in it. */
  removeFolder(name: string, names: RegExp): void
  /** Removes the folder again if it was made here and nothing is in it. */
  discard(): void
}

/** Makes the folder and tries it out. Throws UserError when nothing can be written there. */
export function resultsFolder(folder: string): ResultsFolder {
  const inPlace = (name: string) => path.join(folder, name)
  const put = (name: string, text: string | Uint8Array) => {
    const temporary = inPlace(`.${name}.${process.pid}.part`)
    try {
      writeFileSync(temporary, text)
      renameSync(temporary, inPlace(name))
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  }
  const attempt = (work: () => void) => {
    try {
      work()
    } catch (error) {
      throw new UserError(`${folder}: results ${unwritable(error as NodeJS.ErrnoException)}`)
    }
  }
  let made: readonly string[] = []
  attempt(() => {
    made = makeFolder(folder)
    put(TRIAL, '')
    rmSync(inPlace(TRIAL))
  })
  return {
    path: folder,
    write: (files) =>
      attempt(() => {
        for (const [name, text] of Object.entries(files)) put(name, text)
      }),
    async grow(names, work) {
      const temporary = (name: string) => inPlace(`.${name}.${process.pid}.part`)
      try {
        const files = names.map((name) => {
          attempt(() => writeFileSync(temporary(name), ''))
          return [
            name,
            {
              append: (text: string) => attempt(() => appendFileSync(temporary(name), text)),
              appendFile: (from: string) => attempt(() => moveInto(temporary(name), from)),
            },
          ]
        })
        await work(Object.fromEntries(files))
        attempt(() => {
          for (const name of names) renameSync(temporary(name), inPlace(name))
        })
      } catch (error) {
        for (const name of names) rmSync(temporary(name), { force: true })
        throw error
      }
    },
    remove: (name) => attempt(() => rmSync(inPlace(name), { force: true })),
    removeMatching: (names) =>
      attempt(() => {
        for (const name of readdirSync(folder)) if (names.test(name)) rmSync(inPlace(name))
      }),
    removeFolder: (name, names) =>
      attempt(() => {
        const inner = inPlace(name)
        if (!statSync(inner, { throwIfNoEntry: false })?.isDirectory()) return
        const files = readdirSync(inner)
        const gone = files.filter((file) => names.test(file))
        for (const file of gone) rmSync(path.join(inner, file))
        if (gone.length === files.length) rmdirSync(inner)
      }),
    discard() {
      try {
        for (const one of made.toReversed()) rmdirSync(one)
      } catch {
        // Something is in it.
      }
    },
  }
}

/** Appends all of a file to another one, and removes it. */
function moveInto(target: string, from: string): void {
  const piece = Buffer.alloc(PIECE_BYTES)
  const source = openSync(from, 'r')
  try {
    for (let bytes = 1; bytes > 0; ) {
      bytes = readSync(source, piece)
      appendFileSync(target, piece.subarray(0, bytes))
    }
  } finally {
    closeSync(source)
  }
  rmSync(from)
}

/**
 * Like mkdir -p; mkdirSync's own `recursive` never returns for a folder such as /proc that takes no new ones.
 * Returns the folders that it made, the outer ones first.
 */
function makeFolder(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  const parent = path.dirname(folder)
  const made = parent === folder ? [] : makeFolder(parent)
  mkdirSync(folder)
  return [...made, folder]
}

function unwritable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return "can't be written, a file is in the way - name a folder with -o"
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return "can't be written, no permission - name another folder with -o"
  }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return "can't be written, the disk is full - make room or use -o"
  return `can't be written (${message}) - name another folder with -o`
}
