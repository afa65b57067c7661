/** The machine measured as a process: what is printed and written, without devices, and ended by ^C. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { builtMain } from '../../built.testing.ts'
import { parseCalibration } from '../../scenario/schema/calibration.ts'
import { interruptedSoon } from '../process/commands.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-machine-'))
// Another user writes there too.
chmodSync(folder, 0o777)
after(() => rmSync(folder, { recursive: true }))
const isRoot = process.getuid?.() === 0
const needsRoot = !isRoot && 'becoming another user needs root'

function run(words: string, env: NodeJS.ProcessEnv = {}, before: readonly string[] = []) {
  const [program, ...argv] = [...before, process.execPath, ...builtMain, ...words.split(' ')]
  const { status, stdout, stderr } = spawnSync(program!, argv, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder, ...env },
  })
  return { status, stdout, stderr }
}

test('the table fits 80 columns, the calibration is kept where --calibration machine finds it', () => {
  const env = { XDG_CONFIG_HOME: path.join(folder, 'config') }
  const { status, stdout, stderr } = run('calibrate --machine -d 500ms', env)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^This machine: \d+ cores?, measured on \d{4}-\d\d-\d\d\n/)
  assert.match(stdout, /^ {2}1500 B( +\d[\d.]* (ns|us|ms)){4,6}$/m)
  assert.match(stdout, /^ {2}per byte( +\d[\d.]* ns){2,3}$/m)
  assert.match(stdout, /^A sleeping thread begins p50 \d/m)
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
  const file = path.join(folder, 'config/lanewise/machine.json')
  assert.match(stderr, /written to .*machine\.json - use it with --calibration machine\n$/)
  assert.ok('scenario' in parseCalibration(readFileSync(file, 'utf8'), file))
  assert.deepEqual(readdirSync(path.dirname(file)), ['machine.json'])
  const compared = run('compare @voice -r 1 -d 1s -p hash -o compared --calibration machine', env)
  assert.equal(compared.status, 0, compared.stderr)
  assert.match(compared.stdout, /calibrated on\s+machine\)/)
})

test('JSON has the same numbers, and the sum of the file that was written', () => {
  const { status, stdout } = run('calibrate --machine -d 500ms -f json -o mine.json -q')
  assert.equal(status, 0)
  const { kind, cores, encryption, wakeUp, calibration } = JSON.parse(stdout)
  assert.deepEqual([kind, calibration.file], ['lanewise machine', 'mine.json'])
  assert.ok(cores >= 1 && wakeUp.count >= 20 && encryption['aes-256-gcm'].sizes.length === 6)
  const bytes = readFileSync(path.join(folder, 'mine.json'))
  assert.equal(calibration.sha256, createHash('sha256').update(bytes).digest('hex'))
})

test('under sudo the calibration belongs to the user who called it', {
  skip: needsRoot,
}, () => {
  const env = { SUDO_UID: '65534', SUDO_GID: '65534', SUDO_USER: 'nobody' }
  const { status, stderr } = run('calibrate --machine -d 500ms -o nobody.json', env)
  assert.equal(status, 0, stderr)
  const owner = spawnSync('stat', ['-c', '%u', 'nobody.json'], { cwd: folder, encoding: 'utf8' }).stdout
  assert.equal(owner.trim(), '65534')
})

test('without a device the write is left out, which is said with the cure', { skip: needsRoot }, (t) => {
  const user = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
  const { status, stdout, stderr } = run('calibrate --machine -d 500ms -o less.json', { HOME: folder }, user)
  if (stdout.includes('TUN write')) return t.skip('anybody may make TUN devices here')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /^no TUN write is measured: .+ - .+\n/)
  const less = parseCalibration(readFileSync(path.join(folder, 'less.json'), 'utf8'), 'less.json')
  assert.ok('scenario' in less && less.notKnown.some((line) => line.startsWith('what a TUN write costs: ')))
})

test('^C ends it within a second, and nothing is written', async () => {
  await interruptedSoon('calibrate --machine -o stopped.json', 'stopped.json', [100, 1500, 3500])
})
