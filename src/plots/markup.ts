/** Text as it may stand in SVG and HTML, the one place that escapes for them. */
import { visibleLines } from '../visible.ts'

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** In attributes too. No control character stays, as XML takes none. */
export function escaped(text: string): string {
  return visibleLines(text).replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!)
}
