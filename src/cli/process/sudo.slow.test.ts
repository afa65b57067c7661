/** That under sudo nothing of a user's runs as root, and that a replay gets its devices all the same. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { builtMain } from '../../built.testing.ts'
import { skipWithoutTun } from '../../live/live.testing.ts'

const UID = 65_534
const GID = 65_533
const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-sudo-'))
after(() => rmSync(folder, { recursive: true, force: true }))
chownSync(folder, process.getuid?.() === 0 ? UID : -1, -1)

const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text)
write('package.json', '{}')
write(
  'small.yaml',
  `source: { synthetic: { packetsPerSecond: 1000, flows: { count: 5 } } }
duration: 300ms
warmup: 0s
policies: [hash]
`,
)
write('secret', "root's own")
chmodSync(path.join(folder, 'secret'), 0o600)
const policy = (before: string) => `
import { readFileSync } from 'node:fs'
${before}
export const policy = {
  name: 'own', description: 'a test', create: () => ({ name: 'own', keepsFlowOrder: true, choose: () => 0 }),
}
`
write(
  'who.mjs',
  policy(
    "process.stderr.write('I am ' + [process.getuid(), process.geteuid(), process.getgid(), process.getgroups()].join(' ') + '\\n')",
  ),
)
write('reads.mjs', policy(`readFileSync('${path.join(folder, 'secret')}')`))

/** As sudo starts it. */
function underSudo(words: string, before: readonly string[] = []) {
  const [program, ...rest] = [...before, process.execPath, ...builtMain, ...words.split(' ')]
  const { status, stderr } = spawnSync(program!, rest, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, SUDO_UID: String(UID), SUDO_GID: String(GID), SUDO_USER: '#nobody' },
  })
  return { status, stderr }
}

const isRoot = process.getuid?.() === 0 ? false : 'only root can become another user'
const noTun = skipWithoutTun()
const I_AM = `I am ${UID} ${UID} ${GID} ${GID}\n`
const REPLAY = 'replay small.yaml -q --repeat 1 --no-predict'

test('a comparison under sudo is the work of the user who called it', { skip: isRoot }, () => {
  const { status, stderr } = underSudo('compare small.yaml -q -p ./who.mjs -o compared')
  assert.deepEqual([status, stderr.includes(I_AM)], [0, true], stderr)
  assert.equal(stderr.replaceAll(I_AM, ''), '')
  assert.equal(statSync(path.join(folder, 'compared/report.json')).uid, UID)
})

test('a replay under sudo has real devices, and its policy is the user', { skip: noTun }, () => {
  const { stderr } = underSudo(`${REPLAY} -p ./who.mjs -o replayed`)
  assert.match(stderr, new RegExp(`^(${I_AM})+`))
  // A busy machine disturbs it: then it isn't counted, but it has been.
  const report = JSON.parse(readFileSync(path.join(folder, 'replayed/report.json'), 'utf8'))
  const [{ counts }] = report.subjects[0].replays
  assert.ok(counts.delivered > 250, JSON.stringify(counts))
  assert.equal(statSync(path.join(folder, 'replayed/report.json')).uid, UID)
})

for (const [what, words] of [
  ['in a namespace', `${REPLAY} -p ./reads.mjs`],
  ['here', `${REPLAY} --host -p ./reads.mjs`],
  ['in memory', `${REPLAY} --loopback -p ./reads.mjs`],
] as const) {
  test(`a policy that reads what only root may fails in a replay ${what}`, { skip: noTun }, () => {
    const { status, stderr } = underSudo(words)
    assert.equal(status, 2)
    assert.match(stderr, /^-p \.\/reads\.mjs: can't be loaded, .*EACCES: permission denied/)
  })
}

const noStrace = spawnSync('strace', ['-V']).status === 0 ? false : 'strace is not installed'

test('the kernel sees the process become the user before it opens the module', {
  skip: noTun || noStrace,
}, () => {
  const log = path.join(folder, 'trace')
  underSudo(`${REPLAY} -p ./who.mjs -o traced`, [
    'strace',
    '-f',
    '-qq',
    '-e',
    'trace=setuid,openat',
    '-o',
    log,
  ])
  const lines = readFileSync(log, 'latin1').split('\n')
  const opened = lines.filter((line) => /who\.mjs/.test(line))
  assert.ok(opened.length > 0)
  for (const line of opened) {
    const [pid] = line.split(' ')
    // Threads of a process that has become somebody are born as that.
    const became = lines.findIndex((other) => other.includes(`setuid(${UID})`) && other.includes('= 0'))
    assert.ok(became >= 0 && became < lines.indexOf(line), `${pid}: ${line}`)
  }
})
