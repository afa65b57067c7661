/** What is installed with lanewise: pinned by checksums, from no place of its own, install scripts named. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { repository } from './built.testing.ts'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly dev?: true
  readonly hasInstallScript?: true
}

const textOf = (name: string) => readFileSync(`${repository}${name}`, 'utf8')
const { '': _, ...packages } = JSON.parse(textOf('package-lock.json')).packages as Record<string, Locked>
const entries = Object.entries(packages)

test('every package of the lock file has a checksum, and no place of its own', () => {
  assert.ok(entries.length > 150, `${entries.length} packages`)
  for (const [path, { resolved, integrity }] of entries) {
    assert.match(integrity ?? '', /^sha512-[A-Za-z0-9+/]{86}==$/, path)
    assert.equal(resolved, undefined, `${path} comes from wherever npm is told to look`)
  }
})

test('SECURITY.md names the packages with install scripts, and no others', () => {
  const needed = entries.filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev)
  const names = needed.map(([path]) => path.split('node_modules/').at(-1)!)
  const [, table = ''] = textOf('SECURITY.md').split('| its script |')
  const named = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!)
  assert.deepEqual(named.sort(), names.sort())
})

test('SECURITY.md is published, and README leads to it', () => {
  assert.ok(JSON.parse(textOf('package.json')).files.includes('SECURITY.md'))
  assert.match(textOf('README.md'), /\]\(SECURITY\.md\)/)
})
