/**
 * Pages of docs/ that are partly made from the source: each generated part stands between two comments, which
 * say its name; everything else of the page is written by hand. A test compares the page with what the source
 * says now and, with LANEWISE_UPDATE=1 (npm run docs), rewrites the parts.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'

/** The generated parts of one page, by name. */
export type Parts = Readonly<Record<string, () => string>>

/** The page as it is. @param name of a file in docs/ */
export function pageNamed(name: string): string {
  return readFileSync(fileOf(name), 'utf8')
}

/** Fails when the page isn't what its parts say now. */
export function assertCurrent(name: string, parts: Parts): void {
  const current = withGeneratedParts(name, pageNamed(name), parts)
  if (process.env.LANEWISE_UPDATE === '1') writeFileSync(fileOf(name), current)
  assert.equal(pageNamed(name), current, `docs/${name} is stale - run npm run docs`)
}

/** Replaces every generated part of the page; throws for a name that is unknown or missing. */
function withGeneratedParts(file: string, page: string, parts: Parts): string {
  const missing = new Set(Object.keys(parts))
  const whole = page.replace(
    /(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, head: string, name: string, end: string) => {
      if (!missing.delete(name)) throw new Error(`docs/${file} has an unknown part, or twice: ${name}`)
      return `${head}\n${parts[name]!()}\n${end}`
    },
  )
  if (missing.size > 0) throw new Error(`docs/${file} lacks the generated parts ${[...missing].join(', ')}`)
  return whole
}

function fileOf(name: string): URL {
  return new URL(`../../../docs/${name}`, import.meta.url)
}

/** Links within the page that lead nowhere. */
export function brokenAnchors(page: string): string[] {
  const headings = [...page.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!))
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!)
  return links.filter((anchor) => !headings.includes(anchor))
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return line(heads) + line(heads.map(() => '---')) + rows.map(line).join('')
}

export function code(text: string): string {
  return `\`${text}\``
}

/** As GitHub makes it of a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-')
}
