/**
 * The page as a reader has it: opened from a file in a real browser, which must say nothing and ask for
 * nothing.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { charts } from './charts/index.ts'
import { page } from './page.ts'
import {
  inputOf,
  madeWindow,
  PINNED,
  savedComparison,
  savedReplay,
  savedScan,
  savedTune,
} from './saved.testing.ts'

const CHROMIUM = '/usr/bin/chromium'
const skip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not there`
const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-page-'))
const comparison = savedComparison(path.join(folder, 'made'))
const hostile = { ...comparison, title: 'A </script><script>alert(1)</script> & "title"' }
const scan = savedScan([['lanes.count', [2, 4]]])
const input = inputOf([hostile, savedTune(), savedReplay(), scan], { trace: madeWindow })
const drawings = charts.flatMap((chart) => {
  const spec = chart.draw(input)
  return spec === null ? [] : [{ chart, spec }]
})
const html = page(drawings, input)
const file = path.join(folder, 'report.html')
writeFileSync(file, html)
const tradeOff = charts.find(({ name }) => name === 'trade-off')!
const single = inputOf([comparison])
const singleFile = path.join(folder, 'single.html')
writeFileSync(singleFile, page([{ chart: tradeOff, spec: tradeOff.draw(single)! }], single))

let browser: Browser | undefined
before(async () => {
  if (skip !== false) return
  const { chromium } = await import('playwright-core')
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking'],
  })
})
after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

/** The page opened, and everything that it said, threw and asked for. */
async function opened(shown = file): Promise<{ tab: Page; said: string[]; requests: string[] }> {
  const tab = await browser!.newPage({ viewport: { width: 1000, height: 900 } })
  const said: string[] = []
  const requests: string[] = []
  tab.on('console', (message) => said.push(message.text()))
  tab.on('pageerror', (error) => said.push(String(error)))
  tab.on('request', (request) => requests.push(request.url()))
  await tab.goto(pathToFileURL(shown).href)
  await tab.waitForSelector('body[data-drawn]')
  return { tab, said, requests }
}
/** Data of blobs is made by the page itself. */
const outside = (requests: readonly string[]) =>
  requests.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(pathToFileURL(folder).href))

test('the page names nothing elsewhere, and its policy lets nothing in', () => {
  assert.match(html, /default-src 'none'; script-src 'sha256-/)
  assert.doesNotMatch(/Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!, /unsafe|http|\*/)
  const markup = html.replace(/<script[\s\S]*?<\/script>/g, '')
  assert.doesNotMatch(markup, /(src|href)="(?!#)/)
  assert.doesNotMatch(html, /<script>alert/)
  assert.ok(html.includes('&lt;/script&gt;'))
})

test('every chart is drawn without a word and without a request', { skip }, async () => {
  const { tab, said, requests } = await opened()
  assert.equal(await tab.getAttribute('body', 'data-drawn'), String(drawings.length))
  assert.equal(await tab.locator('figure svg.marks').count(), drawings.length)
  assert.equal(await tab.textContent('#failure'), '')
  assert.deepEqual(said, [])
  assert.deepEqual(outside(requests), [])
  await tab.close()
})

test('a policy that is switched off leaves all charts and comes back', { skip }, async () => {
  const { tab, said, requests } = await opened()
  const bars = tab.locator('#reorder-rate .mark-rect path')
  const drawn = await bars.count()
  const lines = tab.locator('#latency-cdf .mark-line path')
  assert.equal(await lines.count(), 2)
  await tab.locator(`input[data-policy="${PINNED}"]`).uncheck()
  await lines.nth(1).waitFor({ state: 'detached' })
  assert.ok((await bars.count()) < drawn)
  assert.ok((await tab.locator('tr.switched-off').count()) > 0)
  await tab.locator('#all').click()
  await lines.nth(1).waitFor({ state: 'attached' })
  assert.equal(await bars.count(), drawn)
  assert.deepEqual([said, outside(requests)], [[], []])
  await tab.close()
})

test('a bar tells its numbers under the mouse', { skip }, async () => {
  const { tab, said, requests } = await opened()
  const bar = tab.locator('#reorder-rate .mark-rect path').first()
  await bar.scrollIntoViewIfNeeded()
  await bar.hover()
  await tab.waitForSelector('#vg-tooltip-element.visible')
  assert.match((await tab.textContent('#vg-tooltip-element'))!, /any-idle.*20%/s)
  assert.deepEqual([said, outside(requests)], [[], []])
  await tab.close()
})

test('a rectangle around a point selects its policy, a click all of them', { skip }, async () => {
  const { tab, said, requests } = await opened(singleFile)
  const checked = tab.locator('input[data-policy]:checked')
  assert.equal(await checked.count(), 2)
  await tab.locator('#trade-off').scrollIntoViewIfNeeded()
  const point = (await tab.locator('#trade-off .mark-symbol path[fill="#D55E00"]').first().boundingBox())!
  const [x, y] = [point.x + point.width / 2, point.y + point.height / 2]
  // The points are near the upper end of the axis.
  await tab.mouse.move(x - 25, y - 10)
  await tab.mouse.down()
  await tab.mouse.move(x, y, { steps: 4 })
  await tab.mouse.move(x + 25, y + 25, { steps: 4 })
  await tab.mouse.up()
  await checked.nth(1).waitFor({ state: 'detached' })
  assert.deepEqual(await checked.evaluateAll((boxes) => boxes.map((box) => box.dataset.policy)), ['any-idle'])
  await tab.mouse.click(x - 60, y + 60)
  await checked.nth(1).waitFor({ state: 'attached' })
  assert.deepEqual([said, outside(requests)], [[], []])
  await tab.close()
})

test('a click on a head sorts the table, by numbers and with unknown ones last', { skip }, async () => {
  const { tab, said } = await opened()
  const firstCells = () => tab.locator('table').first().locator('tbody tr td:first-child').allTextContents()
  const head = tab.locator('table').first().locator('th button', { hasText: 'reordered' })
  await head.click()
  assert.deepEqual(await firstCells(), [PINNED, 'any-idle'])
  await head.click()
  assert.deepEqual(await firstCells(), ['any-idle', PINNED])
  assert.deepEqual(said, [])
  await tab.close()
})

test('nothing is wider than the window, also on paper', { skip }, async () => {
  const { tab } = await opened()
  const overflow = () => tab.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
  assert.ok((await overflow()) <= 0, String(await overflow()))
  await tab.emulateMedia({ media: 'print' })
  assert.ok(!(await tab.locator('.controls').isVisible()))
  assert.ok((await overflow()) <= 0)
  await tab.close()
})
