/** Files that comments point to exist. A name with folders is the end of a path, so that it stays right. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sourceFolder as root } from './built.testing.ts'

const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
/** Files of users and made-up ones, which comments may speak of. */
const NOT_OURS: readonly string[] = ['my-policy.ts', 'throws.ts']

/** `line: name` of what the comments of the text name and nothing in `known` ends with. */
function deadIn(text: string, known: readonly string[]): string[] {
  const dead: string[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const comment = line.match(/^\s*(?:\/?\*|\/\/)(.*)/)?.[1] ?? ''
    for (const [name] of comment.matchAll(/(?<![\w./@-])[\w-]+(?:[/.][\w-]+)*\.ts\b/g)) {
      const target = name.replace(/^src\//, '')
      if (NOT_OURS.includes(name) || known.some((path) => `/${path}`.endsWith(`/${target}`))) continue
      dead.push(`${i + 1}: ${name}`)
    }
  }
  return dead
}

test('a file that a comment names exists', () => {
  const made = [
    '/** See b.ts, x/b.ts, src/a/b.test.ts and y/b.ts. */',
    "import './c.ts'",
    ' * and d.ts',
  ].join('\n')
  assert.deepEqual(deadIn(made, ['x/b.ts', 'a/b.test.ts']), ['1: y/b.ts', '3: d.ts'])
  assert.ok(paths.length > 300, `${paths.length} files`)
  const dead = paths.flatMap((path) =>
    deadIn(readFileSync(join(root, path), 'utf8'), paths).map((line) => `${path}:${line}`),
  )
  assert.deepEqual(dead, [])
})
