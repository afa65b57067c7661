/** ^C in `tcpdump -w - | lanewise inspect -`: both are one process group, which a terminal sends SIGINT. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtMain } from '../../built.testing.ts'
import { ethernet, ipv4, pcap, udp } from '../../traffic/capture/captures.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-interrupted-'))
after(() => rmSync(folder, { recursive: true }))
const record = (i: number) => ({
  seconds: 1_700_000_000,
  fraction: i * 20,
  frame: ethernet(0x0800, ipv4(17, udp(1, 2, 500))),
})
const capture = pcap(Array.from({ length: 1000 }, (_, i) => record(i)))
writeFileSync(path.join(folder, 'all.pcap'), capture)
const RECORD_BYTES = (capture.length - 24) / 1000

/**
 * Writes the first 600 packets, says so on stderr, and on a signal `then` happens; the rest is `rest`.
 */
const writer = (then: string) => `
  const all = require('node:fs').readFileSync('all.pcap')
  const at = 24 + 600 * ${RECORD_BYTES}
  const rest = all.subarray(at)
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => { ${then}; process.on(name, () => {}) })
  setInterval(() => {}, 1000)
  process.stdout.on('error', () => process.exit())
  process.stdout.write(all.subarray(0, at), () => process.stderr.write('written\\n'))
`
const flushes = writer('process.stdout.write(rest, () => process.exit())')
const isSilent = writer('process.stdout.write(rest.subarray(0, 100 * 1000))')
const neverEnds = writer(`setInterval(() => process.stdout.write(rest.subarray(0, ${RECORD_BYTES})), 50)`)

interface Piped {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `writer | lanewise ...`, and gives both ^C or another signal, one after the other. */
async function piped(script: string, words: string, signals: readonly NodeJS.Signals[]): Promise<Piped> {
  const main = [process.execPath, ...builtMain].map((word) => `'${word}'`).join(' ')
  writeFileSync(path.join(folder, 'writer.cjs'), script)
  // The shells outlive the signal, as the one behind a terminal does.
  const survive = 'trap : INT TERM'
  const line = `${survive}; '${process.execPath}' writer.cjs | { ${survive}; ${main} ${words}; echo "exit $?" >&2; }`
  const shell = spawn('/bin/sh', ['-c', line], { cwd: folder, detached: true })
  const end = () => {
    try {
      process.kill(-shell.pid!, 'SIGKILL')
    } catch {
      // All have ended.
    }
  }
  try {
    let stdout = ''
    let stderr = ''
    shell.stdout.on('data', (text) => {
      stdout += text
    })
    shell.stderr.on('data', (text) => {
      stderr += text
    })
    const closed = new Promise((resolve) => shell.on('close', resolve))
    while (!stderr.includes('written')) await sleep(20)
    // So lanewise reads: a pipe holds less than has been written.
    await sleep(200)
    for (const signal of signals) {
      process.kill(-shell.pid!, signal)
      await sleep(200)
    }
    // A writer may not notice that nobody reads.
    while (!/exit \d/.test(stderr) && shell.exitCode === null) await sleep(20)
    end()
    await closed
    const exitCode = Number(/exit (\d+)/.exec(stderr)?.[1] ?? Number.NaN)
    return { exitCode, stdout, stderr: stderr.replace('written\n', '').replace(/exit \d+\n/, '') }
  } finally {
    end()
  }
}

const options = { timeout: 60_000, skip: process.platform === 'win32' && 'no process groups' }

test('after ^C what the writer flushes is read to the end and described', options, async () => {
  const { exitCode, stdout, stderr } = await piped(flushes, 'inspect - -f json', ['SIGINT'])
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.equal(JSON.parse(stdout).packets, 1000)
})

test(
  'a writer that falls silent after ^C ends the capture too, a record cut off is said',
  options,
  async () => {
    const { exitCode, stdout, stderr } = await piped(isSilent, 'inspect - -f json', ['SIGINT'])
    assert.equal(exitCode, 0)
    assert.match(stderr, /^standard input: cut off at byte \d+, in the last record: /)
    assert.equal(JSON.parse(stdout).packets, 600 + Math.floor(100_000 / RECORD_BYTES))
  },
)

test('a second ^C ends the work, and so does SIGTERM at once', options, async () => {
  for (const [signals, code] of [
    [['SIGINT', 'SIGINT'], 130],
    [['SIGTERM'], 143],
  ] as const) {
    const { exitCode, stdout, stderr } = await piped(neverEnds, 'inspect -', signals)
    assert.deepEqual([exitCode, stdout], [code, ''])
    assert.equal(stderr, 'interrupted: 0 of 1 captures are described\n')
  }
})

test('compare goes on with what had come', options, async () => {
  const { exitCode, stdout, stderr } = await piped(flushes, 'compare - -q -j 1 -r 1 -f json', ['SIGINT'])
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.equal(JSON.parse(stdout).records[0].metrics.packets.mean, 1000)
})
