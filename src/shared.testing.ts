/**
 * Test support: data that may stand beside the repository, in ../shared. Tests that need it skip without it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Path of a file or folder of ../shared. */
export function sharedPath(name: string): string {
  return fileURLToPath(new URL(`../../shared/${name}`, import.meta.url))
}

/** False, or the reason to skip: for the `skip` option of a test. */
export function skipWithout(name: string): string | false {
  return existsSync(sharedPath(name)) ? false : `../shared/${name} is not there`
}

export function readSharedJson<T>(name: string): T {
  return JSON.parse(readFileSync(sharedPath(name), 'utf8')) as T
}
