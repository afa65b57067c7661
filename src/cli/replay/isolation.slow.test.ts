/** That nothing in the environment makes a replay believe it is in a network namespace of its own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { builtMain } from '../../built.testing.ts'
import { skipWithoutTun } from '../../live/live.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-isolation-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(
  path.join(folder, 'small.yaml'),
  `source: { synthetic: { packetsPerSecond: 1000, flows: { count: 5 } } }
duration: 1s
warmup: 0s
policies: [hash]
`,
)

test('no variable of the environment switches the isolation of a replay off', {
  skip: skipWithoutTun(),
}, async () => {
  // In a namespace of the test's own, whose devices are looked at while the replay is under way.
  const script = `LANEWISE_NAMESPACE_PARENT=$$ "$@" & work=$!
for i in $(seq 400); do grep -o 'lanewise[0-9]*' /proc/net/dev; kill -0 $work 2>/dev/null || break; sleep 0.02; done
wait $work`
  const words = ['replay', 'small.yaml', '--repeat', '1', '--no-predict', '-q', '-o', 'out', '-f', 'json']
  const command = ['--net', 'bash', '-c', script, 'bash', process.execPath, ...builtMain, ...words]
  const child = spawn('unshare', command, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.on('data', (piece) => {
    stdout += piece
  })
  const [code] = await once(child, 'close')
  // Exit 1: on a busy machine no replay may have been valid.
  assert.ok(code === 0 || code === 1, `exit ${code}`)
  assert.equal(stdout.split('\n')[0], '{')
  assert.equal(JSON.parse(stdout).subjects[0].replays.length >= 1, true)
})
