/**
 * `both.pcapng#tun0` is the part of a capture that one interface carried (traffic/capture/interfaces.ts).
 * Where a file has just that name, it is the file.
 */
import { type Stats, statSync } from 'node:fs'

/** @returns the file, and what is asked for of it; undefined is all of it */
export function captureAndPart(path: string): readonly [file: string, part: string | undefined] {
  if (!path.includes('#') || statsOf(path) !== undefined) return [path, undefined]
  for (let at = path.lastIndexOf('#'); at > 0; at = path.lastIndexOf('#', at - 1)) {
    if (at + 1 < path.length && statsOf(path.slice(0, at))?.isFile() === true)
      return [path.slice(0, at), path.slice(at + 1)]
  }
  return [path, undefined]
}

/** The file alone. */
export function captureFileOf(path: string): string {
  return captureAndPart(path)[0]
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
