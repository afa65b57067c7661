/**
 * From a specification to SVG and PNG. Vega is loaded when the first chart is drawn; text is as wide as in
 * the font that PNGs are drawn with, which comes with lanewise. The same specification gives the same bytes.
 */
import { createRequire } from 'node:module'
import { reasonOf } from '../errors.ts'
import { visibleLines } from '../visible.ts'
import { escaped } from './markup.ts'
import type { Spec } from './spec.ts'

const FAMILY = 'DejaVu Sans'
const require = createRequire(import.meta.url)

export interface Renderer {
  /** What Vega-Lite says against a specification; nothing of ours may have any. */
  readonly warnings: readonly string[]
  toSvg(spec: Spec): Promise<string>
  /** @param scale pixels per pixel of the SVG */
  toPng(svg: string, scale: number): Uint8Array
}

/** Loads Vega and the font. */
export async function makeRenderer(): Promise<Renderer> {
  const [vega, { compile }, { Resvg }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('@resvg/resvg-js'),
  ])
  const font = {
    fontFiles: [require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')],
    loadSystemFonts: false,
    defaultFontFamily: FAMILY,
    sansSerifFamily: FAMILY,
  }
  const widths = new Map<string, number>()
  const widthAt100 = (text: string) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><text font-family="${FAMILY}" font-size="100">${escaped(text)}</text></svg>`
    return new Resvg(svg, { font }).getBBox()?.width ?? 0
  }
  // Between bars, so that blanks and side bearings count.
  const measured = (text: string) => {
    let width = widths.get(text)
    if (width === undefined) {
      width = (widthAt100(`|${text}|`) - widthAt100('||')) / 100
      widths.set(text, width)
    }
    return width
  }
  const { textMetrics } = vega as unknown as { textMetrics: TextMetrics }
  textMetrics.width = (item, text) => {
    const shown = text ?? item.text
    return shown == null || shown === '' ? 0 : measured(String(shown)) * (item.fontSize ?? 11)
  }
  const warnings: string[] = []
  const say = (...words: unknown[]) => {
    warnings.push(words.map(reasonOf).join(' '))
    return logger
  }
  const silent = () => logger
  const logger = { level: silent, warn: say, error: say, info: silent, debug: silent } as never
  return {
    warnings,
    async toSvg(spec) {
      // Numbers of clip paths go on from chart to chart otherwise.
      vega.resetSVGDefIds()
      const compiled = compile(spec as never, { logger }).spec
      const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger })
      try {
        // Whatever text came this way: a control character is no XML.
        return `${visibleLines(await view.toSVG())}\n`
      } finally {
        view.finalize()
      }
    },
    toPng: (svg, scale) => new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render().asPng(),
  }
}

interface TextMetrics {
  width: (item: { readonly text?: unknown; readonly fontSize?: number }, text?: unknown) => number
}
