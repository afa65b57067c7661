/**
 * The README's pictures, made anew by the commands that stand beside them there. Replays need root (or user
 * namespaces), /dev/net/tun and an idle machine; where they can't run, their picture stays as it is and this
 * says so.
 *
 *     npm run pictures
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const pictures = path.join(root, 'docs/pictures')
const folder = mkdtempSync(path.join(os.tmpdir(), 'lanewise-pictures-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Runs lanewise; is it well? */
function lanewise(...args: string[]): boolean {
  const child = spawnSync(process.execPath, [path.join(root, 'dist/cli/main.js'), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (child.status !== 0) process.stderr.write(`lanewise ${args.join(' ')}: exit code ${child.status}\n`)
  return child.status === 0
}

function draw(results: string, chart: string, picture: string, ...more: string[]): void {
  const file = path.join(pictures, picture)
  if (lanewise('plot', results, '--chart', chart, '-o', file, '-q', ...more))
    process.stdout.write(`${path.relative(root, file)}\n`)
}

const at = (name: string) => path.join(folder, name)
const SPRAY = 'scenarios/02-spray-breaks-udp.yaml'
const WORK = 'lanes.service={fixed: 200us, perByte: 0ns, jitter: {exponential: {mean: 400us}}}'
const POLICIES = ['any-idle', 'round-robin', 'hash', 'flow-pinned:ttl=5ms'].flatMap((policy) => [
  '-p',
  policy,
])

mkdirSync(pictures, { recursive: true })
if (lanewise('compare', SPRAY, '-q', '-o', at('office'))) {
  draw(at('office'), 'trade-off', 'compare.svg')
}
if (lanewise('tune', SPRAY, '-q', '-o', at('ttl'))) draw(at('ttl'), 'reorder-over-ttl', 'tune.svg')
const traced = ['compare', SPRAY, '-d', '2s', '-q', '-o', at('traced'), '--trace', at('packets.csv')]
if (lanewise(...traced)) {
  draw(at('packets.csv'), 'lane-timeline', 'plot.svg', '-p', 'any-idle', '-p', 'hash', '--for', '400us')
}
const replay = [
  'replay',
  'scenarios/captures/office.pcap.gz',
  '--pps',
  '3500',
  '--repeat',
  '4',
  '--set',
  WORK,
]
if (lanewise(...replay, ...POLICIES, '-q', '-o', at('live'))) {
  draw(at('live'), 'predicted-measured', 'replay.svg')
}
