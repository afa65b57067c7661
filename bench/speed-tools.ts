/**
 * What the parts of the speed page share: whole processes timed by their CPU and peak memory, programs run in
 * turn so that ratios mean something on a machine whose speed changes, and the lines of the page as they are
 * made.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { significant } from '../src/units.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const main = path.join(root, 'dist/cli/main.js')
export const folder = mkdtempSync(path.join(os.tmpdir(), 'lanewise-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** The page so far. */
export const lines: string[] = []

export function out(line = ''): void {
  lines.push(line)
  process.stdout.write(`${line}\n`)
}

export interface Timed {
  readonly wallSeconds: number
  /** User and system time. */
  readonly cpuSeconds: number
  /** Peak resident memory, MB. */
  readonly peakMB: number
  readonly stdout: string
}

/** Runs a program to its end; undefined where it isn't there. */
export function timed(command: string, args: readonly string[]): Timed | undefined {
  const measured = path.join(folder, 'time')
  const format = ['-f', '%e %U %S %M', '-o', measured]
  const child = spawnSync('/usr/bin/time', [...format, command, ...args], { cwd: root, encoding: 'utf8' })
  if (child.error !== undefined || child.status === 127) return undefined
  if (child.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: exit ${child.status}, ${child.stderr}`)
  const [wall = 0, user = 0, system = 0, kB = 0] = readFileSync(measured, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
  return { wallSeconds: wall, cpuSeconds: user + system, peakMB: kB / 1000, stdout: child.stdout }
}

export function lanewise(...args: string[]): Timed {
  const result = timed(process.execPath, [main, ...args, '-j', '1', '-q', '-o', path.join(folder, 'results')])
  if (result === undefined) throw new Error('this needs /usr/bin/time (Debian: time)')
  return result
}

export const packetsOf = (): number =>
  JSON.parse(readFileSync(path.join(folder, 'results/report.json'), 'utf8')).load.first.packets
export const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!
export const millions = (rate: number) => `${significant(rate / 1e6)} M/s`

/** Compiles a C or C++ file of this folder; undefined where it can't be. */
export function compiled(compiler: string, file: string, ...libraries: string[]): string | undefined {
  const program = path.join(folder, path.parse(file).name)
  const args = ['-O3', '-march=native', '-o', program, path.join(root, 'bench', file), ...libraries]
  const child = spawnSync(compiler, args, { encoding: 'utf8' })
  return child.status === 0 ? program : undefined
}

/** Several programs in turn, so many rounds; the median of what each gives. */
export function inTurn(
  rounds: number,
  programs: ReadonlyArray<readonly [name: string, rate: () => number | undefined]>,
) {
  const rates = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, rate] of programs) {
      const value = rate()
      if (value !== undefined) rates.set(name, [...(rates.get(name) ?? []), value])
    }
  }
  return new Map([...rates].map(([name, list]) => [name, median(list)]))
}

/** Rates, and how the first compares with each; `own` is what the first is called. */
export function ratioTable(
  title: string,
  unit: string,
  rates: ReadonlyMap<string, number>,
  own = 'lanewise',
): void {
  const [[, first]] = [...rates] as [[string, number]]
  out()
  out(`| ${title} | ${unit} per CPU second | ${own} is |`)
  out('| --- | --: | --: |')
  for (const [name, rate] of rates)
    out(`| ${name} | ${millions(rate)} | ${significant(first / rate)} of it |`)
}

/** Wall seconds until all of them have ended. */
export async function together(commands: ReadonlyArray<readonly string[]>): Promise<number> {
  const begin = process.hrtime.bigint()
  const codes = await Promise.all(
    commands.map(
      (args) =>
        new Promise<number | null>((resolve, reject) => {
          const child = spawn(process.execPath, [main, ...args], {
            cwd: root,
            stdio: ['ignore', 'ignore', 'inherit'],
          })
          child.on('error', reject)
          child.on('exit', resolve)
        }),
    ),
  )
  if (codes.some((code) => code !== 0)) throw new Error(`exit codes ${codes.join(', ')}`)
  return Number(process.hrtime.bigint() - begin) / 1e9
}
