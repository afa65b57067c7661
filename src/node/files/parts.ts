/**
 * Parts: files that are being written and get their name when they are whole. Their own names tell which
 * process writes them, so that what a killed one leaves is found and removed: boot id, pid namespace, pid,
 * start time of the process (Linux; 0 where the system doesn't tell) and random digits, ending in `.part`.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { disk, writeWhole } from './disk.ts'

const PART = /\.([0-9a-f]+)-(\d+)-(\d+)-(\d+)-[0-9a-f]{8}\.part$/
/** So that the whole fits 255 bytes, whatever the alphabet. */
const NAME_MAX = 30
/** After that long, parts go whose process this one can't see. */
const FOREIGN_MS = 3_600_000
const PIECE_BYTES = 1 << 20

/** What this process is called in names of parts. */
let ownWords: string | undefined

/** A new path in the folder for a part of what will be `name` there. */
export function partPath(folder: string, name: string): string {
  ownWords ??= `${machineWords()}-${process.pid}-${stateOf(process.pid)?.startTime ?? 0}`
  const about = [...name].slice(0, NAME_MAX).join('')
  return path.join(folder, `.${about}.${ownWords}-${randomBytes(4).toString('hex')}.part`)
}

/** Is that what a part is called? */
export function isPart(name: string): boolean {
  return PART.test(name)
}

/**
 * Removes the parts in the folder whose process is gone; those of which this can't be told (another machine,
 * boot or pid namespace) when nothing has been written for an hour. Never fails: what can't be removed stays.
 */
export function removeStaleParts(folder: string): void {
  const names = attempt(() => disk.list(folder)) ?? []
  for (const name of names) {
    const file = path.join(folder, name)
    if (PART.test(name) && (attempt(() => isStale(file)) ?? false)) attempt(() => disk.remove(file))
  }
}

function isStale(file: string): boolean {
  const [, boot, namespace, pid, startTime] = PART.exec(path.basename(file))!
  if (`${boot}-${namespace}` === machineWords() && namespace !== '0') {
    const state = stateOf(Number(pid))
    return state === undefined || state.isDead || state.startTime !== startTime
  }
  return Date.now() - statSync(file).mtimeMs > FOREIGN_MS
}

let machine: string | undefined

/** Boot id and pid namespace; 0 where they aren't known. */
function machineWords(): string {
  if (machine !== undefined) return machine
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'))
  machine = `${boot?.replaceAll(/[^0-9a-f]/g, '') || '0'}-${namespace?.replaceAll(/\D/g, '') || '0'}`
  return machine
}

/** Of a process in this pid namespace; undefined where there is none. Source: proc(5), /proc/pid/stat. */
function stateOf(pid: number): { readonly startTime: string; readonly isDead: boolean } | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // The name before the last parenthesis may hold anything; then state is the 3rd field, start time the 22nd.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields && { startTime: fields[19]!, isDead: /^[ZX]$/i.test(fields[0]!) }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** A part that is open. Everything but `remove` throws what the disk says. */
export interface OpenPart {
  readonly path: string
  write(content: string | Uint8Array): void
  /** Takes over all that is in a file, which is removed. */
  takeOver(path: string): void
  /** Of all that was written. */
  sha256(): string
  close(): void
  /** Gives it its name. */
  keep(path: string): void
  /** Closes and removes what isn't kept. */
  remove(): void
}

export function openPart(folder: string, name: string): OpenPart {
  const part = partPath(folder, name)
  const hash = createHash('sha256')
  let descriptor: number | undefined = disk.create(part)
  const write = (content: string | Uint8Array) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    hash.update(bytes)
    writeWhole(descriptor!, bytes)
  }
  const close = () => {
    if (descriptor === undefined) return
    const open = descriptor
    descriptor = undefined
    disk.close(open)
  }
  return {
    path: part,
    write,
    takeOver(from) {
      eachPiece(disk.openOwn(from), write)
      disk.remove(from)
    },
    sha256: () => hash.copy().digest('hex'),
    close,
    keep(target) {
      close()
      disk.rename(part, target)
    },
    remove() {
      attempt(close)
      attempt(() => disk.remove(part))
    },
  }
}

/** The SHA-256 of a file, in hexadecimal digits. Throws what the disk says. */
export function sha256Of(file: string): string {
  const hash = createHash('sha256')
  eachPiece(disk.open(file), (bytes) => hash.update(bytes))
  return hash.digest('hex')
}

/** Hands an open file on in pieces, which are used again, and closes it. Throws what the disk says. */
export function eachPiece(source: number, work: (bytes: Uint8Array) => void): void {
  try {
    const piece = Buffer.alloc(PIECE_BYTES)
    for (let bytes = disk.read(source, piece); bytes > 0; bytes = disk.read(source, piece)) {
      work(piece.subarray(0, bytes))
    }
  } finally {
    disk.close(source)
  }
}
