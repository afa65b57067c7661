/** docs/metrics.md says what the catalogue, the metrics and the schema say. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { metricGroups, metricInfo } from '../metrics/catalogue.ts'
import { withGeneratedParts } from './glossary.testing.ts'

const FILE = new URL('../../docs/metrics.md', import.meta.url)

test('the generated parts of docs/metrics.md are current', () => {
  const page = readFileSync(FILE, 'utf8')
  const current = withGeneratedParts(page)
  if (process.env.LANEWISE_UPDATE === '1') writeFileSync(FILE, current)
  assert.equal(readFileSync(FILE, 'utf8'), current, 'docs/metrics.md is stale - run npm run docs')
})

test('what docs/metrics.md names as a metric is one, and every link within the page leads somewhere', () => {
  const page = readFileSync(FILE, 'utf8')
  const known = new Set(metricGroups.flatMap(({ metrics }) => metrics.map(({ name }) => name)))
  const ends =
    /^`((?:tunnel\.)?[a-z]+\w*(?:Ratio|Ns(?:Mean|Max|P\d+)|Mean|Max|Reorders)(?:\[.+\])?)(?:\.(?:count|of))?`$/
  const named = [...page.matchAll(/`[^`\n]+`/g)].flatMap(([text]) => ends.exec(text)?.[1] ?? [])
  assert.ok(named.length > known.size, `${named.length} names`)
  assert.deepEqual(
    named.filter((name) => metricInfo(name) === undefined),
    [],
  )
  const anchors = new Set(
    [...page.matchAll(/^##+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!)
  assert.ok(links.length >= metricGroups.length)
  assert.deepEqual(
    links.filter((anchor) => !anchors.has(anchor)),
    [],
  )
})
