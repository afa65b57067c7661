import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtFile, nodeOptions } from '../../built.testing.ts'
import { UserError } from '../../errors.ts'
import { interfaceNames, skipWithoutTun } from '../live.testing.ts'
import { namespaceArguments, type ProcessIo } from './namespace.ts'
import type { ChildReport } from './namespace-child.testing.ts'

const CHILD = builtFile('live/device/namespace-child.testing')
const NODE = [process.execPath, ...nodeOptions]
const noTun = skipWithoutTun()

const fine: ProcessIo = {
  platform: 'linux',
  isRoot: false,
  openTun: () => undefined,
  tryUnshare: () => 'done',
  readSetting: () => undefined,
}
const MEMORY = 'or use --loopback, which replays through memory'
const setting = (name: string, value: string) => (asked: string) => (asked === name ? value : undefined)

const mistakes: ReadonlyArray<readonly [string, Partial<ProcessIo>, string]> = [
  [
    'another system',
    { platform: 'darwin' },
    'replay: real devices need Linux, and this is darwin - use --loopback, which replays through memory',
  ],
  [
    'no node',
    { openTun: () => 'ENOENT' },
    `replay: there is no /dev/net/tun - run: sudo modprobe tun (in a container, start it with --device /dev/net/tun), ${MEMORY}`,
  ],
  [
    'no driver',
    { openTun: () => 'ENODEV' },
    `replay: /dev/net/tun has no driver behind it (ENODEV) - run: sudo modprobe tun, ${MEMORY}`,
  ],
  [
    'no permission for the node',
    { openTun: () => 'EACCES' },
    `replay: no permission to open /dev/net/tun - run it with sudo, or once: sudo chmod 0666 /dev/net/tun, ${MEMORY}`,
  ],
  [
    'root in a container without the device',
    { openTun: () => 'EPERM', isRoot: true },
    `replay: no permission to open /dev/net/tun - in a container, start it with --device /dev/net/tun, ${MEMORY}`,
  ],
  [
    'anything else with the node',
    { openTun: () => 'EBUSY' },
    `replay: /dev/net/tun can't be opened (EBUSY) - run it with sudo, ${MEMORY}`,
  ],
  [
    'no unshare',
    { tryUnshare: () => 'missing' },
    `replay: the program unshare is not there - install util-linux, ${MEMORY}`,
  ],
  [
    'root that may not',
    { tryUnshare: () => 'refused', isRoot: true },
    `replay: this user may not make network namespaces - in a container, start it with --cap-add SYS_ADMIN --cap-add NET_ADMIN, ${MEMORY}`,
  ],
  [
    'user namespaces limited to 0',
    { tryUnshare: () => 'refused', readSetting: setting('user/max_user_namespaces', '0') },
    `replay: this user may not make network namespaces - run it with sudo, or once: sudo sysctl user.max_user_namespaces=1000, ${MEMORY}`,
  ],
  [
    'user namespaces for root only',
    { tryUnshare: () => 'refused', readSetting: setting('kernel/unprivileged_userns_clone', '0') },
    `replay: this user may not make network namespaces - run it with sudo, or once: sudo sysctl kernel.unprivileged_userns_clone=1, ${MEMORY}`,
  ],
  [
    'user namespaces restricted by AppArmor',
    {
      tryUnshare: () => 'refused',
      readSetting: setting('kernel/apparmor_restrict_unprivileged_userns', '1'),
    },
    `replay: this user may not make network namespaces - run it with sudo, or once: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, ${MEMORY}`,
  ],
  [
    'refused for no reason that can be seen',
    { tryUnshare: () => 'refused' },
    `replay: this user may not make network namespaces - run it with sudo, ${MEMORY}`,
  ],
]
for (const [name, around, line] of mistakes) {
  test(`${name}: one line with its cure`, () => {
    assert.throws(
      () => namespaceArguments({ ...fine, ...around }),
      (error) => {
        assert.ok(error instanceof UserError)
        assert.deepEqual(error.lines, [line])
        assert.equal(error.exitCode, 1)
        return true
      },
    )
  })
}

test('root makes a network namespace; others, and root that may not, a user namespace around it', () => {
  const user = ['--user', '--map-root-user', '--net']
  const refusesNet = (asked: readonly string[]) => (asked[0] === '--net' ? 'refused' : 'done')
  assert.deepEqual(namespaceArguments({ ...fine, isRoot: true }), ['--net'])
  assert.deepEqual(namespaceArguments(fine), user)
  assert.deepEqual(namespaceArguments({ ...fine, isRoot: true, tryUnshare: refusesNet }), user)
})

/** Everything that a process wrote and how it ended. */
function run([program, ...rest]: readonly string[]) {
  return spawnSync(program!, rest, { encoding: 'utf8', timeout: 60_000 })
}

const WAITING = [...NODE, CHILD, 'first', 'wait']

/**
 * Starts the first process in a process group of its own, as a shell does, and waits until the second has
 * said where it is. Both end with the test.
 */
async function startWaiting(
  t: TestContext,
  [program, ...rest]: readonly string[] = WAITING,
): Promise<{ first: ChildProcess; report: ChildReport }> {
  const first = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  t.after(() => first.kill('SIGKILL'))
  const [line] = (await once(first.stdout!, 'data')) as [Buffer]
  const report: ChildReport = JSON.parse(String(line))
  t.after(() => {
    if (isLive(report.pid)) process.kill(report.pid, 'SIGKILL')
  })
  return { first, report }
}

/** True as soon as the condition holds, false if it doesn't within two seconds. */
async function soon(condition: () => boolean): Promise<boolean> {
  for (let i = 0; i < 200 && !condition(); i++) await sleep(10)
  return condition()
}

/** Processes in a network namespace. */
function processesIn(namespace: string): string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readlinkSync(`/proc/${entry}/ns/net`) === namespace
    } catch {
      return false
    }
  })
}

const isLive = (pid: number) => existsSync(`/proc/${pid}/root`)

test('the command runs in a namespace of its own, with its devices only, and its code comes back', {
  skip: noTun,
}, () => {
  const { stdout, stderr, status } = run([...NODE, CHILD, 'first', 'end'])
  assert.equal(stderr, '')
  assert.equal(status, 7)
  const report: ChildReport = JSON.parse(stdout)
  assert.notEqual(report.namespace, readlinkSync('/proc/self/ns/net'))
  assert.deepEqual([...report.interfaces].sort(), ['lanewise0', 'lanewise1', 'lo'])
  assert.ok(!interfaceNames().some((name) => name.startsWith('lanewise')))
  assert.deepEqual(processesIn(report.namespace), [])
})

test('a signal to the first process reaches the second once, and how that ends comes back', {
  skip: noTun,
}, async (t) => {
  const { first, report } = await startWaiting(t)
  first.kill('SIGTERM')
  const [code, signal] = await once(first, 'exit')
  assert.deepEqual([code, signal], [41, null])
  assert.ok(!isLive(report.pid))
})

test('a terminal interrupts the whole process group; the second process hears of it once', {
  skip: noTun,
}, async (t) => {
  const { first } = await startWaiting(t)
  process.kill(-first.pid!, 'SIGTERM')
  const [code, signal] = await once(first, 'exit')
  assert.deepEqual([code, signal], [41, null])
})

test('death of the second process by a signal is told as a shell tells it', { skip: noTun }, async (t) => {
  const { first, report } = await startWaiting(t)
  const said = once(first.stdout!, 'data')
  process.kill(report.pid, 'SIGKILL')
  const [code] = await once(first, 'exit')
  assert.equal(code, 137)
  assert.equal(String((await said)[0]), 'ended by SIGKILL\n')
})

test('a second process whose first is gone already says so before it opens anything', { skip: noTun }, () => {
  const { stdout, stderr, status } = run([...NODE, CHILD, 'second', 'end', '999999999'])
  assert.deepEqual([stdout, status], ['', 1])
  assert.equal(
    stderr,
    'replay: the process that made this network namespace is gone - run the command again\n',
  )
})

test('a second process in the namespace of the first says so before it opens anything', {
  skip: noTun,
}, () => {
  const { stdout, stderr, status } = run([...NODE, CHILD, 'second', 'end', String(process.pid)])
  assert.deepEqual([stdout, status], ['', 1])
  assert.equal(stderr, 'replay: this is no network namespace of its own - run it as lanewise replay\n')
})

// As somebody without privileges: the node /dev/net/tun made readable for all, or not, in a mount namespace
// of its own.
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
const withNode = (mode: string, command: readonly string[]) => [
  ...['unshare', '--mount', 'sh', '-c'],
  `mount -t tmpfs none /mnt && mknod -m ${mode} /mnt/tun c 10 200 && mount --bind /mnt/tun /dev/net/tun && exec "$@"`,
  'sh',
  ...asNobody,
  ...command,
]
const noNobody = noTun || skipWithoutNobody()

function skipWithoutNobody(): string | false {
  const loads = run([...asNobody, ...NODE, '--eval', `import(${JSON.stringify(CHILD)})`])
  if (loads.status !== 0) return 'somebody without privileges can not read this folder'
  if (run([...asNobody, 'unshare', '--user', '--map-root-user', '--net', 'true']).status !== 0) {
    return 'user namespaces are not allowed here'
  }
  return run(withNode('0600', ['true'])).status === 0 ? false : 'mounting is not allowed here'
}

test('without privileges it runs in a user namespace, where /dev/net/tun is open to all', {
  skip: noNobody,
}, () => {
  const { stdout, stderr, status } = run(withNode('0666', [...NODE, CHILD, 'first', 'end']))
  assert.equal(stderr, '')
  assert.equal(status, 7)
  const report: ChildReport = JSON.parse(stdout)
  assert.notEqual(report.namespace, readlinkSync('/proc/self/ns/net'))
  assert.deepEqual([...report.interfaces].sort(), ['lanewise0', 'lanewise1', 'lo'])
})

test('without permission for /dev/net/tun it says so in one line', { skip: noNobody }, () => {
  const { stdout, stderr, status } = run(withNode('0600', [...NODE, CHILD, 'first', 'end']))
  assert.equal(stdout, '')
  assert.match(stderr, /^replay: no permission to open \/dev\/net\/tun - .*\n$/)
  assert.equal(status, 1)
})

for (const [who, command, skip] of [
  ['root', WAITING, noTun],
  ['somebody without privileges', withNode('0666', WAITING), noNobody],
] as const) {
  test(`kill -9 of the first process of ${who} leaves no process, no device and no namespace`, {
    skip,
  }, async (t) => {
    const { first, report } = await startWaiting(t, command)
    assert.ok(isLive(report.pid))
    assert.deepEqual(processesIn(report.namespace), [String(report.pid)])
    first.kill('SIGKILL')
    assert.ok(
      await soon(() => processesIn(report.namespace).length === 0),
      'a process is left in the namespace',
    )
    assert.ok(await soon(() => !isLive(report.pid)), 'the second process is left')
    assert.ok(!interfaceNames().some((name) => name.startsWith('lanewise')))
  })
}
