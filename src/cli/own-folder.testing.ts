/**
 * Test support: an empty folder for a file of tests, which they run in; both end with the last test. What the
 * file removes beside it, it removes in an `after` of its own.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'

/** Goes there. Returns its path. @param name tells it from others while tests run */
export function ownFolder(name: string): string {
  const before = process.cwd()
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), `lanewise-${name}-`)))
  process.chdir(folder)
  after(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true })
  })
  return folder
}
