/** The command as a process: what a user's policy does beside its calls ends with one line and exit 1. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { builtMain } from '../built.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-main-'))
after(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text)
write('package.json', '{}')
write('small.yaml', 'source: { synthetic: { packetsPerSecond: 100000 } }\nduration: 400ms\nruns: 2\n')

function lanewise(argv: string) {
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
const odd: ReadonlyArray<[name: string, text: string, here: RegExp, inThread: RegExp]> = [
  ['exits.mjs', policyThat('process.exit()'), early, thread],
  ['exits-early.mjs', 'process.exit()\n', early, early],
  ['waits.mjs', 'await new Promise(() => {})\n', early, early],
  ['rejects.mjs', policyThat("Promise.reject(new Error('late'))"), threwAt('s.mjs:3'), threwAt('s.mjs:3')],
  [
    'throws.ts',
    policyThat("setTimeout(() => { throw new Error('late') }, 0)"),
    threwAt('s.ts'),
    threwAt('s.ts'),
  ],
]
for (const [name, text, here, inThread] of odd) {
  for (const jobs of [1, 2]) {
    test(`a module like ${name} is one line and exit 1, with ${jobs} jobs`, () => {
      const expected = jobs === 1 ? here : inThread
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
    })
  }
}

test('work that is done is exit 0, without a word on its end', () => {
  const { status, stderr } = lanewise('compare small.yaml -q -j 1 -p hash -o out')
  assert.deepEqual([status, stderr], [0, ''])
})
