/** Malformed captures through the command line: a line or a description for each, never anything else. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { builtMain } from '../../built.testing.ts'
import { readSharedJson, sharedPath, skipWithout } from '../../shared.testing.ts'
import { runProgram } from '../run-program.testing.ts'

const skip = skipWithout('captures/hostile-truth.json')
const folder = sharedPath('captures/hostile')
const names = skip ? [] : readdirSync(folder)

interface Truth {
  readonly tshark: { readonly packets: number; readonly rc: number }
  readonly libpcap: { readonly packets: number; readonly rc: number }
}
const truths = skip ? {} : readSharedJson<Record<string, Truth>>('captures/hostile-truth.json')

test('all 98 hostile captures are there', { skip }, () => assert.equal(names.length, 98))

for (const name of names) {
  test(`inspect ${name} ends with a description or with one line`, { skip, timeout: 5000 }, async () => {
    const file = path.join(folder, name)
    const { exitCode, stdout, stderr } = await runProgram(['inspect', file, '-f', 'json'])
    const lines = stderr.split('\n').slice(0, -1)
    for (const line of lines) assert.ok(line.startsWith(`${file}: `), line)
    const stopped = lines.filter((line) => / (damaged|cut off) at byte \d+/.test(line))
    assert.ok(stopped.length <= 1)
    const { tshark, libpcap } = truths[`hostile/${name}`]!
    const others = Math.max(tshark.packets, libpcap.packets)
    if (tshark.rc !== 0 && libpcap.rc !== 0 && others > 0) assert.equal(stopped.length, 1, stderr)
    if (exitCode === 1) {
      assert.equal(stdout, '')
      assert.equal(lines.length, 1)
      return
    }
    assert.equal(exitCode, 0)
    const found = JSON.parse(stdout)
    assert.deepEqual(found.problems, lines)
    assert.equal(found.frames, others)
    assert.ok(found.packets > 0)
    for (const format of ['table', 'csv', 'markdown']) {
      const { exitCode, stdout } = await runProgram(['inspect', file, '-f', format, '--sort'])
      assert.equal(exitCode, 0)
      assert.doesNotMatch(stdout, /NaN|undefined|Infinity/)
      if (format === 'table')
        for (const line of stdout.split('\n')) assert.ok(line.length <= 80 || line.includes(file), line)
    }
  })
}

/** Those that would do the most harm, as processes. All 98 take too long for every day. */
const WORST = [
  'mut-gzip-bomb-20MB-zeros.pcap.gz',
  'mut-caplen-7fffffff.pcap',
  'mut-ng-idb-tsresol-255.pcapng',
]
const SAY_PEAK = "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))"

for (const name of WORST) {
  test(`a process that inspects ${name} needs neither 5 s nor 300 MB`, { skip }, () => {
    const imports = ['--import', `data:text/javascript,${encodeURIComponent(SAY_PEAK)}`]
    const argv = [...imports, ...builtMain, 'inspect', path.join(folder, name)]
    const { status, stderr } = spawnSync(process.execPath, argv, { timeout: 5000, encoding: 'utf8' })
    assert.ok(status === 0 || status === 1, `${status} ${stderr}`)
    const peakKb = Number(/peak (\d+)$/.exec(stderr)?.[1])
    assert.ok(peakKb > 0 && peakKb < 300_000, `${peakKb} kB`)
  })
}
