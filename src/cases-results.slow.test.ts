/** The named cases about results: what they are written over, and what is left of them. */
import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { builtMain } from './built.testing.ts'
import { sharedPath, skipWithout } from './shared.testing.ts'

const bench = mkdtempSync(path.join(tmpdir(), 'lanewise-cases-'))
after(() => rmSync(bench, { recursive: true }))
/** `lanewise` of these sources. */
const lanewise = path.join(bench, 'lanewise')
const words = [process.execPath, ...builtMain].map((word) => `'${word}'`).join(' ')
writeFileSync(lanewise, `#!/bin/sh\nexec ${words} "$@"\n`)
chmodSync(lanewise, 0o755)

const caseOf = (name: string) => sharedPath(`cases/faults/${name}`)
const without = (name: string) => ({ skip: skipWithout(`cases/faults/${name}`), timeout: 300_000 })

function bash(script: string, change: (text: string) => string = (text) => text): SpawnSyncReturns<string> {
  const copy = path.join(bench, 'run.sh')
  writeFileSync(copy, change(readFileSync(script, 'utf8')))
  return spawnSync('bash', [copy], {
    encoding: 'utf8',
    cwd: path.dirname(script),
    env: { ...process.env, L: lanewise, TMPDIR: bench },
  })
}

test('05: the arrivals that are read are not replaced', without('05-input-overwritten-by-results'), () => {
  const text = readFileSync(path.join(caseOf('05-input-overwritten-by-results'), 'flows.csv'), 'utf8')
  writeFileSync(path.join(bench, 'flows.csv'), text)
  const { status, stderr } = spawnSync(lanewise, 'measure flows.csv -q -o .'.split(' '), {
    encoding: 'utf8',
    cwd: bench,
  })
  assert.deepEqual([status, stderr], [2, '-o .: flows.csv is the file that is read - name another folder\n'])
  assert.equal(readFileSync(path.join(bench, 'flows.csv'), 'utf8'), text)
})

test(
  '13: a full disk leaves one result, which is drawn, or a mix, which is not',
  without('13-disk-full-mixes-two-results'),
  (t) => {
    if (process.getuid?.() !== 0) return t.skip('mounts a file system: root only')
    const script = path.join(caseOf('13-disk-full-mixes-two-results'), 'run.sh')
    // In a mount namespace of its own.
    const { stdout, stderr } = bash(
      script,
      (text) => `if [ -z "$IN" ]; then IN=1 exec unshare -m bash "$0"; fi\n${text}`,
    )
    // That the disk was full is the case's fault; without it nothing is tried.
    assert.match(stderr, /the disk is full/, stdout)
    assert.match(stdout, /^exit code 1$/m)
    const seeds = /report\.json seed (\d+) ; provenance\.json argv (\d+)/.exec(stdout)!
    assert.equal(seeds[1], seeds[2], stdout)
    assert.match(stdout, /^plot exit code 0$/m)
  },
)

test(
  '14: what a killed scan leaves, the next one removes',
  without('14-killed-scan-leaves-parts-for-ever'),
  () => {
    const script = path.join(caseOf('14-killed-scan-leaves-parts-for-ever'), 'run.sh')
    // Says what was there when the scan had been killed: there must be something.
    const { stdout } = bash(script, (text) =>
      text.replace(
        /^ {2}ls -A \$d\/o \| grep -q .*$/m,
        (line) => `  ls -A $d/o | grep '\\.part$' | sed 's/^/killed: /'\n${line}`,
      ),
    )
    assert.match(stdout, /^killed: .*\.part$/m)
    assert.match(stdout, /exit code 0, left:\n$/)
  },
)

test(
  '15: a point in which a number was changed is simulated again',
  without('15-damaged-point-is-believed'),
  () => {
    const script = path.join(caseOf('15-damaged-point-is-believed'), 'run.sh')
    // That a number was changed is the case's fault.
    const { stdout, stderr } = bash(script, (text) =>
      text
        .replace(/\$p$/m, (end) => `${end}; grep -c '"latencyNsMean":1[,}]' $p`)
        .replace('-q -P lanes.count=1:2:1 -o $d/o --resume', '-P lanes.count=1:2:1 -o $d/o --resume'),
    )
    assert.match(stdout, /^1$/m, 'no number was changed')
    assert.match(stderr, /a saved point is damaged, so it is simulated again/)
    assert.match(stdout, /exit code 0\nsame\n$/)
  },
)
