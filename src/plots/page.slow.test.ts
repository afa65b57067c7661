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
import { verdictTexts } from '../report/comparison/verdict-text.ts'
import { charts } from './charts/index.ts'
import { page } from './page.ts'
import { DARK, DARK_PAGE } from './page-colours.ts'
import { verdictOf } from './page-parts.ts'
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

interface Screen {
  readonly width?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** The page opened, and everything that it said, threw and asked for. */
async function opened(
  shown = file,
  { width = 1000, colorScheme = 'light' }: Screen = {},
): Promise<{ tab: Page; said: string[]; requests: string[] }> {
  const tab = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme })
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

test('the verdict is that of the report; of results without one it is who reorders least', () => {
  const { report } = comparison
  assert.deepEqual(verdictOf(comparison), verdictTexts(report as never))
  const { verdict: _, ...unjudged } = report!
  assert.match(verdictOf({ ...comparison, report: unjudged as never })[0]!, /^Fewest reordered/)
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

test('what came out is first, then the table, charts, facts and where the numbers are from', {
  skip,
}, async () => {
  const { tab } = await opened(singleFile)
  const parts = ['.answer', 'table', '.controls', 'figure', '#facts', '#provenance']
  const tops = await Promise.all(
    parts.map(async (part) => (await tab.locator(part).first().boundingBox())!.y),
  )
  assert.deepEqual(
    tops,
    [...tops].sort((a, b) => a - b),
  )
  assert.equal(await tab.textContent('.answer'), verdictOf(comparison)[0])
  await tab.close()
})

test('a policy that is switched off is in no legend', { skip }, async () => {
  const { tab, said } = await opened()
  const legend = (chart: string) => tab.locator(`#${chart} .role-legend-label text`).allTextContents()
  const before = await legend('latency-cdf')
  assert.deepEqual(before, ['any-idle', PINNED])
  await tab.locator(`input[data-policy="${PINNED}"]`).uncheck()
  await tab.locator('#latency-cdf .role-legend-label text').nth(1).waitFor({ state: 'detached' })
  for (const chart of ['latency-cdf', 'trade-off', 'reorder-over-threads', 'predicted-measured']) {
    const labels = await legend(chart)
    assert.ok(labels.length > 0 && !labels.includes(PINNED), `${chart}: ${labels}`)
  }
  await tab.locator('#all').click()
  await tab.locator('#latency-cdf .role-legend-label text').nth(1).waitFor({ state: 'attached' })
  assert.deepEqual(await legend('latency-cdf'), before)
  assert.deepEqual(said, [])
  await tab.close()
})

/** Every text but those on bars, with its contrast to what is behind it by the formula of WCAG 2.2. */
const CONTRASTS = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number)
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor)
      if (colour.length === 3 || colour[3] === 1) return colour
    }
    return [255, 255, 255]
  }
  const found = []
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')
    if (!own || element.closest('script, style, noscript, #lane-timeline .mark-text, .switched-off')) continue
    const style = getComputedStyle(element)
    if (style.display === 'none' || element.getClientRects().length === 0) continue
    const isSvg = element.closest('svg') !== null
    const [a, b] = [luminance(channels(isSvg ? style.fill : style.color)), luminance(behind(element))]
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    found.push({ text: element.textContent.trim().slice(0, 40), isSvg, contrast })
  }
  return found
})()`

interface Contrast {
  readonly text: string
  readonly isSvg: boolean
  readonly contrast: number
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every text has contrast on a ${colorScheme} page, in charts too`, { skip }, async () => {
    const { tab, said, requests } = await opened(file, { colorScheme })
    const page = await tab.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    assert.equal(page === 'rgb(255, 255, 255)', colorScheme === 'light', page)
    const found = await tab.evaluate<Contrast[]>(CONTRASTS)
    assert.ok(found.filter(({ isSvg }) => isSvg).length > 100 && found.some(({ isSvg }) => !isSvg))
    assert.deepEqual(
      found.filter(({ contrast }) => contrast < 4.5),
      [],
    )
    assert.deepEqual([said, outside(requests)], [[], []])
    await tab.close()
  })
}

test('every colour of charts has a partner on dark pages', () => {
  // Of bars on the lane timeline and the numbers on them, which are the same on both.
  const same = ['#77AADD', '#EE8866', '#EEDD88', '#BBCC33', '#FFAABB', '#99DDFF', '#DDDDDD', '#1a1a1a']
  const colours = new Set(
    JSON.stringify(drawings.map(({ spec }) => spec)).match(/(?<=")#[0-9a-fA-F]{6}(?=")/g),
  )
  assert.ok(colours.size > 10)
  assert.deepEqual(
    [...colours].filter((colour) => DARK[colour] === undefined && !same.includes(colour)),
    [],
  )
  assert.ok(html.includes(`--page: ${DARK_PAGE}`), 'the style sheet has the same background')
})

test('on a phone charts are laid out anew, and what is wide scrolls in its own box', { skip }, async () => {
  const { tab, said } = await opened(file, { width: 400 })
  const overflow = await tab.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
  assert.ok(overflow <= 0, String(overflow))
  const boxes = await tab.evaluate<{ id: string; pixels: number; scale: number; box: number }[]>(`
    [...document.querySelectorAll('.chart')].map((box) => {
      const svg = box.querySelector('svg.marks')
      const { width } = svg.getBoundingClientRect()
      return { id: box.id, pixels: width, scale: width / Number(svg.getAttribute('width')), box: box.clientWidth }
    })`)
  for (const { id, pixels, scale, box } of boxes) {
    assert.ok(pixels > 250 && pixels < 560 && box < 400, `${id}: ${pixels} pixels in ${box}`)
    assert.ok(scale > 0.99, `${id}: its text is as large as anywhere`)
  }
  const wide = boxes.filter(({ pixels, box }) => pixels > box).map(({ id }) => id)
  assert.ok(!wide.includes('chart-latency-cdf') && wide.length < boxes.length / 2, wide.join())
  assert.equal(await tab.evaluate('getComputedStyle(document.querySelector(".table")).overflowX'), 'auto')
  await tab.setViewportSize({ width: 1000, height: 900 })
  const wider = 'document.querySelector("#latency-cdf svg.marks")?.getBoundingClientRect().width > 700'
  // Not by waitForFunction, which the page's policy keeps from evaluating.
  for (let i = 0; i < 100 && !(await tab.evaluate<boolean>(wider)); i++) await tab.waitForTimeout(50)
  assert.ok(await tab.evaluate<boolean>(wider), 'where there is room again, charts take it')
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
