/**
 * How fast is it, beside what, and at what cost in memory: whole processes, in turn, in one run, so that
 * ratios mean something on a machine whose speed changes. The reference scenario beside C (bench/baseline.c,
 * both ways of it), M/M/1 beside SimPy and ns-3's core, captures beside tcpdump, each policy's and each
 * metric's cost, memory, start-up, threads, and a soak. What isn't installed is left out and said. CPU time
 * is of the process and its children.
 *
 *     npm run bench                              all of it: about twenty minutes
 *     npm run bench -- --only reference,mm1      parts, by the names below
 *     npm run bench -- --rounds 5 --update       ... and keep the page in results/golden/speed.md
 */
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { memory, metrics, parallel, policyCosts, soak, start } from './speed-costs.ts'
import { agreement, captures, mm1, reference } from './speed-peers.ts'
import { profiles } from './speed-profiles.ts'
import { lines, out, root } from './speed-tools.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    update: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const parts: Readonly<Record<string, (rounds: number) => void | Promise<void>>> = {
  reference,
  agreement,
  profiles,
  mm1,
  captures,
  policies: policyCosts,
  metrics,
  memory,
  start,
  parallel,
  soak,
}
const wanted = values.only?.split(',') ?? Object.keys(parts)
const unknown = wanted.filter((name) => !(name in parts))
if (unknown.length > 0) {
  process.stderr.write(`--only ${unknown.join(',')}: no such part - ${Object.keys(parts).join(', ')}\n`)
  process.exit(2)
}

const [{ model = 'unknown' } = {}] = os.cpus()
out('# Speed')
out()
out(
  `Made by \`npm run bench${values.update ? ' -- --update' : ''}\`, ${new Date().toISOString().slice(0, 10)}: ${model}, ${os.cpus().length} cores, Linux ${os.release()}, Node ${process.versions.node}; medians of ${rounds} rounds in turn. Ratios say more than figures: the machine is shared.`,
)
for (const [name, part] of Object.entries(parts)) if (wanted.includes(name)) await part(rounds)
if (values.update) writeFileSync(path.join(root, 'results/golden/speed.md'), `${lines.join('\n')}\n`)
