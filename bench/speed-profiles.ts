/**
 * Where the time goes: lanewise by V8's sampling profiler, the C program by Linux's perf where that is
 * installed.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { compiled, folder, main, out, root } from './speed-tools.ts'

const SHOWN = 24

interface Profile {
  readonly nodes: ReadonlyArray<{
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }>
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export function profiles(): void {
  out()
  out('## Where the time goes')
  out()
  out(
    'The reference scenario, three million packets, start-up included: share of the CPU time that a function took itself, those inlined into it included.',
  )
  ofLanewise()
  ofC()
}

function ofLanewise(): void {
  const profiled = path.join(folder, 'profiles')
  const args = ['--cpu-prof', '--cpu-prof-dir', profiled, main, 'compare', 'scenarios/reference.yaml']
  const child = spawnSync(
    process.execPath,
    [...args, '-d', '30s', '-j', '1', '-q', '-o', path.join(folder, 'profiled')],
    { cwd: root, stdio: 'ignore' },
  )
  if (child.status !== 0) throw new Error(`lanewise with --cpu-prof: exit ${child.status}`)
  const shares = selfTimes(
    readdirSync(profiled).map(
      (file) => JSON.parse(readFileSync(path.join(profiled, file), 'utf8')) as Profile,
    ),
  )
  out()
  out('| lanewise | share |')
  out('| --- | --: |')
  for (const [name, share] of shares.slice(0, SHOWN)) out(`| ${name} | ${(share * 100).toFixed(1)} % |`)
}

/** Function and file to its share of the time that wasn't idle, largest first. */
function selfTimes(all: readonly Profile[]): [name: string, share: number][] {
  const us = new Map<string, number>()
  let total = 0
  for (const { nodes, samples, timeDeltas } of all) {
    const names = new Map(
      nodes.map(({ id, callFrame: { functionName, url } }) => {
        const file = url.startsWith('file:') ? url.split('/').slice(-2).join('/').replace('.js', '') : ''
        return [id, `\`${functionName || 'anonymous'}\` ${file}`.trim()]
      }),
    )
    samples.forEach((id, i) => {
      const name = names.get(id)!
      if (name === '`(idle)`') return
      us.set(name, (us.get(name) ?? 0) + timeDeltas[i]!)
      total += timeDeltas[i]!
    })
  }
  return [...us].map(([name, time]): [string, number] => [name, time / total]).sort(([, a], [, b]) => b - a)
}

function ofC(): void {
  const baseline = compiled('cc', 'baseline.c', '-lm')
  const record = path.join(folder, 'perf.data')
  if (baseline === undefined) return
  for (const way of [['plain'], []]) {
    const recorded = spawnSync(
      'perf',
      ['record', '-q', '-e', 'cpu-clock', '-o', record, baseline, '20000000', '1', '0', ...way],
      { stdio: 'ignore' },
    )
    if (recorded.status !== 0) {
      out()
      out('Without the profile of the C program: it takes perf (Debian: linux-perf).')
      return
    }
    const args = ['report', '-i', record, '--stdio', '-q', '--no-children', '-F', 'overhead,symbol']
    const { stdout } = spawnSync('perf', args, { encoding: 'utf8' })
    out()
    out(`| C, ${way[0] ?? 'blocks'} | share |`)
    out('| --- | --: |')
    for (const line of stdout.split('\n')) {
      const [, share, symbol] = /^\s*([\d.]+)%\s+\[.\]\s+(\S+)/.exec(line) ?? []
      if (symbol !== undefined && Number(share) >= 1) out(`| \`${symbol}\` | ${Number(share).toFixed(1)} % |`)
    }
  }
}
