import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reorderRate } from './charts/reorder-rate.ts'
import { makeRenderer } from './render.ts'
import { inputOf, savedReplay } from './saved.testing.ts'

const spec = reorderRate.draw(inputOf([savedReplay()]))!

test('the same specification gives the same bytes, whatever was drawn before', async () => {
  const renderer = await makeRenderer()
  const first = await renderer.toSvg(spec)
  await renderer.toSvg({ ...spec, title: 'Another' })
  assert.equal(await renderer.toSvg(spec), first)
  assert.equal(await (await makeRenderer()).toSvg(spec), first)
  assert.deepEqual(renderer.toPng(first, 1), renderer.toPng(first, 1))
})

test('a PNG has the size of the chart and its text', async () => {
  const renderer = await makeRenderer()
  const svg = await renderer.toSvg(spec)
  const [, width] = /width="([\d.]+)"/.exec(svg)!
  const png = Buffer.from(renderer.toPng(svg, 2))
  assert.equal(png.subarray(1, 4).toString(), 'PNG')
  assert.equal(png.readUInt32BE(16), Math.ceil(2 * Number(width)))
  const without = renderer.toPng(svg.replace(/<text[^>]*>[^<]*<\/text>/g, ''), 2)
  assert.ok(png.length > without.length * 1.2, `${png.length} bytes, without text ${without.length}`)
})

test('text is as wide as the font makes it', async () => {
  await makeRenderer()
  const { textMetrics } = (await import('vega')) as unknown as {
    textMetrics: { width(item: object, text?: string): number }
  }
  // Advance widths of DejaVu Sans, in units of 2048: i 569, W 2025.
  const wide = textMetrics.width({ fontSize: 100 }, 'WW') / 100
  const narrow = textMetrics.width({ fontSize: 100 }, 'ii') / 100
  assert.ok(Math.abs(wide - (2 * 2025) / 2048) < 0.02, String(wide))
  assert.ok(Math.abs(narrow - (2 * 569) / 2048) < 0.02, String(narrow))
  assert.equal(textMetrics.width({ fontSize: 12 }, ''), 0)
})

test('what Vega-Lite says against a specification is kept', async () => {
  const renderer = await makeRenderer()
  await renderer
    .toSvg({ ...spec, mark: 'nonsense', encoding: { nonsense: { field: 'x', type: 'odd' } } })
    .catch(() => {})
  assert.ok(renderer.warnings.length > 0)
})
