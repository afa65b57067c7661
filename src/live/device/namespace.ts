/**
 * Runs the whole command again in a network namespace of its own, so that no packet can leave the machine and
 * nothing stays behind: the namespace and its devices end with the process. Without root a user namespace
 * goes around it. What stands in the way is found first and said in one line with its cure. The second
 * process is told by its arguments who started it, believes it only where its namespace isn't that one's, and
 * dies with it, even by kill -9 (PR_SET_PDEATHSIG). Sources: unshare(1), network_namespaces(7),
 * user_namespaces(7), prctl(2).
 */
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { UserError } from '../../errors.ts'
import { callFailed, systemCalls } from './system.ts'
import { TUN_PATH } from './tun.ts'

const PR_SET_PDEATHSIG = 1

/** Arguments of unshare(1). */
const NET = ['--net'] as const
const USER_AND_NET = ['--user', '--map-root-user', '--net'] as const

/** What is looked at; tests pretend. */
export interface ProcessIo {
  readonly platform: string
  readonly isRoot: boolean
  /** The error code of opening the TUN node for reading and writing; undefined: it can be opened. */
  openTun(): string | undefined
  /** Tries unshare with these arguments on a program that does nothing. */
  tryUnshare(unshareArguments: readonly string[]): 'done' | 'refused' | 'missing'
  /** Text of a file below /proc/sys, trimmed; undefined where there is none. */
  readSetting(name: string): string | undefined
}

const here: ProcessIo = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  openTun() {
    try {
      closeSync(openSync(TUN_PATH, 'r+'))
      return undefined
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'unknown'
    }
  },
  tryUnshare(unshareArguments) {
    const { error, status } = spawnSync('unshare', [...unshareArguments, 'true'], { stdio: 'ignore' })
    if (error !== undefined) return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'refused'
    return status === 0 ? 'done' : 'refused'
  },
  readSetting(name) {
    try {
      return readFileSync(`/proc/sys/${name}`, 'latin1').trim()
    } catch {
      return undefined
    }
  },
}

/**
 * How to make the namespace: the arguments of unshare(1).
 * @throws UserError of one line when this machine doesn't let us: what is missing, and the cure
 */
export function namespaceArguments(around: ProcessIo = here): readonly string[] {
  requireTun(around)
  const candidates = around.isRoot ? [NET, USER_AND_NET] : [USER_AND_NET]
  for (const candidate of candidates) {
    const outcome = around.tryUnshare(candidate)
    if (outcome === 'done') return candidate
    if (outcome === 'missing') throw new Obstacle('the program unshare is not there', 'install util-linux')
  }
  throw new Obstacle('this user may not make network namespaces', namespaceCure(around))
}

/**
 * Real devices at all, in a namespace or not. @throws UserError of one line: what is missing, and the cure
 */
export function requireTun(around: ProcessIo = here): void {
  if (around.platform !== 'linux') {
    throw new Obstacle(`real devices need Linux, and this is ${around.platform}`)
  }
  const code = around.openTun()
  if (code === undefined) return
  const device = 'in a container, start it with --device /dev/net/tun'
  if (code === 'EACCES' || code === 'EPERM') {
    throw new Obstacle(
      `no permission to open ${TUN_PATH}`,
      around.isRoot ? device : `run it with sudo, or once: sudo chmod 0666 ${TUN_PATH}`,
    )
  }
  if (code === 'ENOENT') throw new Obstacle(`there is no ${TUN_PATH}`, `run: sudo modprobe tun (${device})`)
  if (code === 'ENODEV' || code === 'ENXIO') {
    throw new Obstacle(`${TUN_PATH} has no driver behind it (${code})`, 'run: sudo modprobe tun')
  }
  throw new Obstacle(`${TUN_PATH} can't be opened (${code})`, 'run it with sudo')
}

/**
 * For a process of root's that opens devices for others: what to put before its command so that it stands in
 * a network namespace of its own, or in this one; undefined where root can't open devices here.
 */
export function rootNamespace(isHost: boolean, around: ProcessIo = here): readonly string[] | undefined {
  if (around.platform !== 'linux' || around.openTun() !== undefined) return undefined
  if (isHost) return []
  return around.tryUnshare(NET) === 'done' ? ['unshare', ...NET] : undefined
}

function namespaceCure({ isRoot, readSetting }: ProcessIo): string {
  if (isRoot) return 'in a container, start it with --cap-add SYS_ADMIN --cap-add NET_ADMIN'
  const switches: ReadonlyArray<readonly [string, string, string]> = [
    ['user/max_user_namespaces', '0', 'user.max_user_namespaces=1000'],
    ['kernel/unprivileged_userns_clone', '0', 'kernel.unprivileged_userns_clone=1'],
    ['kernel/apparmor_restrict_unprivileged_userns', '1', 'kernel.apparmor_restrict_unprivileged_userns=0'],
  ]
  const off = switches.find(([name, value]) => readSetting(name) === value)
  return off === undefined ? 'run it with sudo' : `run it with sudo, or once: sudo sysctl ${off[2]}`
}

/** What keeps this process from real devices, in the words of a replay, which can do without. */
export class Obstacle extends UserError {
  /** The same for others: what, and the cure. */
  readonly plain: string

  constructor(what: string, cure?: string) {
    const cures = cure === undefined ? 'use' : `${cure}, or use`
    super(`replay: ${what} - ${cures} --loopback, which replays through memory`)
    this.plain = cure === undefined ? what : `${what} - ${cure}`
  }
}

export interface NamespaceEnd {
  readonly exitCode: number
  readonly endedBy: NodeJS.Signals | undefined
}

/**
 * Runs Node with these arguments in a new namespace, with our standard streams, and waits. When the signal
 * aborts, its reason's name is passed on: the other process has a process group of its own, so a terminal
 * reaches only this one.
 * @param nodeArguments script and its arguments, among which this process's id; Node's own options are added
 * @returns its exit code, and the signal where one ended it (then the code is 128 + its number)
 * @throws UserError as {@link namespaceArguments}
 */
export async function runInNamespace(
  nodeArguments: readonly string[],
  signal: AbortSignal,
): Promise<NamespaceEnd> {
  const unshareArguments = namespaceArguments()
  const command = [...unshareArguments, process.execPath, ...process.execArgv, ...nodeArguments]
  const child = spawn('unshare', command, { stdio: 'inherit', detached: true })
  const passOn = () => child.kill(signal.reason instanceof Error ? 'SIGTERM' : signal.reason)
  signal.addEventListener('abort', passOn)
  return new Promise<NamespaceEnd>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, endedBy) =>
      resolve({ exitCode: code ?? 128 + constants.signals[endedBy!], endedBy: endedBy ?? undefined }),
    )
  }).finally(() => signal.removeEventListener('abort', passOn))
}

/**
 * For the second process, before it opens anything: from now on it dies with the first.
 * @param parent id of the first process
 * @throws UserError where the first is gone already, or its namespace is this one
 */
export function dieWithOther(parent: number, verb = 'replay'): void {
  dieWithParent(parent, verb)
  if (namespaceOf('self') === namespaceOf(parent)) {
    throw new UserError(`${verb}: this is no network namespace of its own - run it as lanewise ${verb}`)
  }
}

/** The same for one that another process opens devices for, in whose namespace it is. */
export function dieWithParent(parent: number, verb = 'replay'): void {
  if (systemCalls().prctl(PR_SET_PDEATHSIG, constants.signals.SIGKILL, 0, 0, 0) < 0) {
    throw callFailed('tying this process to the first (PR_SET_PDEATHSIG)')
  }
  if (process.ppid !== parent) {
    throw new UserError(
      `${verb}: the process that made this network namespace is gone - run the command again`,
    )
  }
}

/** Undefined where it may not be seen: from within a user namespace that of a process outside of it. */
function namespaceOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}
