/** The cases of ../shared about signals, failure handlers and isolation, as they are told there. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtMain, repository } from './built.testing.ts'
import { skipWithoutTun } from './live/live.testing.ts'
import { sharedPath, skipWithout } from './shared.testing.ts'

const CASE = 'cases/faults/06-signals-ignored'
const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-cases-'))
after(() => rmSync(folder, { recursive: true }))
/** A second, and what a busy machine takes to notice. */
const SOON_MS = 1500

/** Interrupts the command after two seconds; how it ended, and how soon. */
async function interrupted(t: TestContext, words: string) {
  const argv = [...builtMain, ...words.split(' '), '-q', '-o', path.join(folder, 'out')]
  const child = spawn(process.execPath, argv, { cwd: sharedPath(CASE), stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  await sleep(2000)
  const atMs = performance.now()
  child.kill('SIGINT')
  const [code] = await ended
  return { code, tookMs: performance.now() - atMs }
}

test('case 06: one ^C ends a policy that loops in the only run, and a search of hours', {
  skip: skipWithout(CASE),
}, async (t) => {
  for (const words of ['compare s.yaml -p ./loop.mjs', 'tune s.yaml -d 12h']) {
    const { code, tookMs } = await interrupted(t, words)
    assert.equal(code, 130, words)
    assert.ok(tookMs < SOON_MS, `${words}: ${tookMs} ms`)
  }
})

test('case 06: a FIFO is no trap, as capture, arrivals, scenario or calibration', {
  skip: skipWithout(CASE) || (process.platform === 'win32' && 'no pipes with names'),
}, async (t) => {
  const fifo = path.join(folder, 'f')
  spawnSync('mkfifo', [fifo])
  for (const words of [
    `compare ${fifo}`,
    `compare s.yaml --calibration ${fifo}`,
    `diagnose ${fifo}`,
    `measure ${fifo}`,
  ]) {
    const { code, tookMs } = await interrupted(t, words)
    assert.equal(code, 130, words)
    assert.ok(tookMs < SOON_MS, `${words}: ${tookMs} ms`)
  }
})

test('case 07: at any limit of open files from 24 to 64 it is one line and exit 1', {
  skip: skipWithout('cases/faults/07-failure-handler-loops-for-ever') || process.platform !== 'linux',
}, () => {
  // tsx, which the sources need, needs more files itself.
  if (builtMain.at(-1)!.endsWith('.ts')) return
  for (let files = 24; files <= 64; files += 8) {
    const argv = ['-c', `ulimit -n ${files}; exec "$@"`, 'bash', process.execPath, ...builtMain]
    const words = ['inspect', path.join(repository, 'scenarios/captures/voice.pcap.gz')]
    const { status, stdout, stderr } = spawnSync('bash', [...argv, ...words], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    assert.deepEqual([status, stdout], [1, ''], `${files} files`)
    assert.match(stderr, /^.*too many open files - raise the limit: ulimit -n \d+\n$/)
  }
})

test('case 17: the variable that it names has no meaning, and no device stands in the namespace of the caller', {
  skip: skipWithout('cases/faults/17-environment-switches-isolation-off') || skipWithoutTun(),
}, () => {
  const capture = path.join(repository, 'scenarios/captures/voice.pcap.gz')
  const replay = [
    'replay',
    capture,
    ...'--limit 1500 --pps 1000 --repeat 1 -p hash -q --no-predict -o'.split(' '),
  ]
  for (const [i, parent] of ['$$', '1', '999999999'].entries()) {
    const script = `LANEWISE_NAMESPACE_PARENT=${parent} "$@" >/dev/null & work=$!
for i in $(seq 400); do grep lanewise /proc/net/dev; kill -0 $work 2>/dev/null || break; sleep 0.02; done
wait $work; echo "exit $?"`
    const out = path.join(folder, `replay-${i}`)
    const argv = ['--net', 'bash', '-c', script, 'bash', process.execPath, ...builtMain, ...replay, out]
    const { stdout } = spawnSync('unshare', argv, { encoding: 'utf8', timeout: 60_000 })
    // 1: on a busy machine no replay may have been valid.
    assert.match(stdout, /^exit [01]\n$/, parent)
  }
})
