/**
 * What the notebooks share: `lanewise` runs a command as a reader would type it and shows what it prints,
 * `chart` and `table` show saved results. Nothing is simulated in the notebook itself: Deno's Math differs
 * from Node's in the last bits, so all numbers come from the command line. Deno loses output that is still on
 * its way when a cell ends, so everything shown is waited for.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** What of the Deno kernel is used here. */
declare const Deno: {
  jupyter: { broadcast(type: 'display_data', content: Record<string, unknown>): Promise<void> }
}

/** The checkout, which commands run in: paths are relative to it, as in the README. */
const root = fileURLToPath(new URL('..', import.meta.url))
/** The program: tests run another build of it. */
const main = process.env.LANEWISE_MAIN ?? join(root, 'dist/cli/main.js')
const SETTLE_MS = 20
/** PNGs have two pixels per pixel of the page. */
const PNG_SCALE = 2
const OUTPUT_BYTES_MAX = 1e7

/** Shows one output in several forms, of which Jupyter takes the best that it can: MIME type to data. */
export async function show(
  data: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): Promise<void> {
  await Deno.jupyter.broadcast('display_data', { data, metadata, transient: {} })
  await setTimeout(SETTLE_MS)
}

/**
 * Runs `npx lanewise <command>` and shows command and output.
 * @param command as typed in a shell, but lines may simply end; single quotes hold words with blanks together
 * @throws what the command complained about, when its exit code isn't 0
 */
export async function lanewise(command: string): Promise<void> {
  await showRun(command, [0])
}

/** As `lanewise`, but for what may fail on this machine (exit code 1). @returns whether it worked */
export async function attempt(command: string): Promise<boolean> {
  return (await showRun(command, [0, 1])) === 0
}

/**
 * Shows a chart of saved results, as PNG and as Vega-Lite.
 * @param name as in `lanewise plot --list`
 * @param sources folders of results, a packet trace, options of `lanewise plot`
 */
export async function chart(name: string, sources: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lanewise-chart-'))
  try {
    const command = `plot ${sources} --chart ${name}`
    await run(`${command} -f png,vl.json -o '${folder}'`)
    const png = await readFile(join(folder, `${name}.png`))
    const spec = JSON.parse(await readFile(join(folder, `${name}.vl.json`), 'utf8')) as unknown
    // Viewers know version 5 of the type; what our charts use of Vega-Lite 6 is the same there.
    await show(
      {
        'image/png': png.toString('base64'),
        'application/vnd.vegalite.v5+json': spec,
        'text/plain': `npx lanewise ${command}`,
      },
      { 'image/png': { width: png.readUInt32BE(16) / PNG_SCALE } },
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Writes a file, such as a policy or a scenario. @param path relative to the checkout */
export function save(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text.trimStart())
}

/** Rows of a CSV file of results, each by column name. @param path relative to the checkout */
export function readCsv(path: string): Array<Record<string, string>> {
  const [head, ...lines] = readFileSync(join(root, path), 'utf8').trimEnd().split('\n').map(cellsOf)
  return lines.map((cells) => Object.fromEntries(cells.map((cell, i) => [head![i]!, cell])))
}

/** Shows rows as a table, one column per key of the first row. */
export async function table(rows: ReadonlyArray<Record<string, string | number>>): Promise<void> {
  const keys = Object.keys(rows[0]!)
  const line = (cells: ReadonlyArray<string | number>) => `| ${cells.join(' | ')} |`
  const body = rows.map((row) => line(keys.map((key) => row[key]!)))
  await show({ 'text/markdown': [line(keys), line(keys.map(() => '---')), ...body].join('\n') })
}

/** One line of CSV; only labels are quoted, and none contains a quote or a line's end. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

async function showRun(command: string, allowed: readonly number[]): Promise<number> {
  const { exitCode, stdout, stderr } = await run(command, allowed)
  const typed = command.trim().replace(/\s*\n\s*/g, ' \\\n    ')
  const complaints = stderr.trim() === '' ? '' : `${stderr.trim()}\n\n`
  await show({ 'text/plain': `$ npx lanewise ${typed}\n\n${complaints}${stdout.trimEnd()}` })
  return exitCode
}

interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

function run(command: string, allowed: readonly number[] = [0]): Promise<Finished> {
  const words = [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word)
  const argv = [main, ...words, '-q']
  const options = { cwd: root, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: OUTPUT_BYTES_MAX }
  return new Promise((resolve, reject) => {
    execFile('node', argv, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code
      if (typeof exitCode === 'number' && allowed.includes(exitCode)) resolve({ exitCode, stdout, stderr })
      else reject(new Error(`npx lanewise ${command}: ${stderr.trim() || error?.message}`))
    })
  })
}
