/** Test support: the command as a process, with policies that do what they must not beside their calls. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { builtMain } from '../built.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-main-'))
after(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text)
write('package.json', '{}')
write('small.yaml', 'source: { synthetic: { packetsPerSecond: 100000 } }\nduration: 400ms\nruns: 2\n')

export function lanewise(argv: string) {
  const options = { cwd: folder, encoding: 'utf8', timeout: 60_000 } as const
  return spawnSync(process.execPath, [...builtMain, ...argv.split(' ')], options)
}

const policyThat = (does: string) => `export const policy = {
  name: 'odd', create: () => ({ name: 'odd', keepsFlowOrder: true, choose(packet) {
    if (packet.index === 50) ${does}
    return 0 } }) }
`
const threwAt = (place: string) =>
  new RegExp(`^policy odd: \\S+${place} threw in a timer or promise, late - a policy must do all its work`)
const early = /^lanewise: the process was ended before the work was done - /
const thread = /^policy odd: its thread ended within a run - a policy must not exit$/
export const odd: ReadonlyArray<readonly [name: string, text: string, says: RegExp]> = [
  ['exits.mjs', policyThat('process.exit()'), thread],
  ['exits-early.mjs', 'process.exit()\n', early],
  ['waits.mjs', 'await new Promise(() => {})\n', early],
  ['rejects.mjs', policyThat("Promise.reject(new Error('late'))"), threwAt('s.mjs:3')],
  ['throws.ts', policyThat("setTimeout(() => { throw new Error('late') }, 0)"), threwAt('s.ts')],
]

/** That a module of {@link odd} is one line and exit 1. */
export function assertOneLine([name, text, expected]: (typeof odd)[number], jobs: number): void {
  write(name, text)
  const { status, stdout, stderr } = lanewise(
    `compare small.yaml -q -j ${jobs} -p hash -p ./${name} -o out --trace ${name}-${jobs}.csv`,
  )
  assert.equal(stdout, '')
  const lines = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('Warning: Detected unsettled'))
  assert.match(lines[0]!, expected)
  assert.equal(lines.length, 1)
  assert.equal(status, 1)
  // Nobody is there to tidy up after an exit.
  if (expected === early) return
  assert.deepEqual(
    readdirSync(folder).filter((file) => file.startsWith(`${name}-${jobs}`)),
    [],
  )
}
