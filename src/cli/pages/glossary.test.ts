/** docs/metrics.md says what the catalogue, the metrics and the schema say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricGroups, metricInfo } from '../../metrics/catalogue/catalogue.ts'
import { assertCurrent, brokenAnchors, pageNamed } from './generated-page.testing.ts'
import { metricParts } from './glossary.testing.ts'

test('the generated parts of docs/metrics.md are current', () => {
  assertCurrent('metrics.md', metricParts)
})

test('what docs/metrics.md names as a metric is one, and every link within the page leads somewhere', () => {
  const page = pageNamed('metrics.md')
  const known = new Set(metricGroups.flatMap(({ metrics }) => metrics.map(({ name }) => name)))
  const ends =
    /^`((?:tunnel\.)?[a-z]+\w*(?:Ratio|Ns(?:Mean|Max|P\d+)|Mean|Max|Reorders)(?:\[.+\])?)(?:\.(?:count|of))?`$/
  const named = [...page.matchAll(/`[^`\n]+`/g)].flatMap(([text]) => ends.exec(text)?.[1] ?? [])
  assert.ok(named.length > known.size, `${named.length} names`)
  assert.deepEqual(
    named.filter((name) => metricInfo(name) === undefined),
    [],
  )
  assert.ok([...page.matchAll(/\]\(#/g)].length >= metricGroups.length)
  assert.deepEqual(brokenAnchors(page), [])
})
