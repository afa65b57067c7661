/**
 * The first process: owns the terminal and the exit code, runs no code of a user's, opens no input, and has
 * the work done by a second one, whose standard streams are its own and which stands in the same process
 * group. A signal is passed on once, however often it comes, and the work ends in good order; what hasn't
 * ended after {@link GRACE_MS}, because a policy loops or a system call waits for ever, is killed with all
 * that it started. A second ^C kills at once. By then all that had finished is on disk. The one ^C that ends
 * nothing is the one that the work takes for the end of a pipe (shared/standard-input.ts), and it says so.
 *
 * If this process is killed the other one dies with it: by the kernel where setpriv(1) of util-linux asks it
 * for that (PR_SET_PDEATHSIG), elsewhere when it finds the socket between them closed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { realpathSync, writeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import { ignoresHangup } from './ignored-hangup.ts'
import { killWithDescendants } from './kill.ts'
import { AT_ONCE, type EndSignal, SIGNALS, Word } from './signals.ts'

/** For an end in good order; with the rest it is below a second. */
const GRACE_MS = 800
/** A process that doesn't die of SIGKILL waits for a device: nobody waits for it. */
const DEATH_MS = 100
/** The same signal so soon is the same event, told by two: a terminal and npx, timeout(1) and its group. */
const SAME_MS = 100
const SETPRIV = '/usr/bin/setpriv'

/**
 * Has the work done; resolves to the exit code.
 * @param served given: a process that stays root, as this one, stands between and opens devices, started by
 *   this command (sudo-user.ts)
 */
export function supervise(argv: readonly string[], served?: readonly string[]): Promise<number> {
  const script = served === undefined ? [besideThis('supervised'), 'supervised'] : [besideThis('privileged')]
  const command = [...tiedToUs(), ...(served ?? []), process.execPath, ...process.execArgv, ...script]
  const heard = SIGNALS.filter((name) => name !== 'SIGHUP' || !ignoresHangup())
  // Before anything is started: none of them may find its default action.
  const events: EndSignal[] = []
  let onSignal = (name: EndSignal) => {
    events.push(name)
  }
  for (const name of SIGNALS) process.on(name, () => heard.includes(name) && onSignal(name))
  const [program, ...words] = [...command, ...argv]
  const child = spawn(program!, words, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  })
  return new Promise((resolve) => {
    const work = new Work(child, resolve, heard)
    onSignal = (name) => work.got('here', name)
    events.forEach(onSignal)
  })
}

/** A file beside this one, compiled or not. */
function besideThis(name: string): string {
  return fileURLToPath(new URL(`./${name}${path.extname(import.meta.url)}`, import.meta.url))
}

/** What starts a program so that it dies with this process. busybox has another setpriv, which can't. */
function tiedToUs(): readonly string[] {
  try {
    if (path.basename(realpathSync(SETPRIV)) !== 'setpriv') return []
    return [SETPRIV, '--pdeathsig', 'KILL', '--']
  } catch {
    return []
  }
}

/** Who has seen a signal: this process or the second one; a terminal tells both. */
type Side = 'here' | 'there'

/** The second process from its start to its end. */
class Work {
  private readonly child: ChildProcess
  private readonly resolve: (exitCode: number) => void
  private readonly heard: readonly EndSignal[]
  private readonly seen = new Map<string, { count: number; atMs: number }>()
  private readonly acted = new Map<EndSignal, number>()
  private first: EndSignal | undefined
  private grace: NodeJS.Timeout | undefined
  private isKilled = false
  /** The next ^C ends the input of the work. */
  private takes = false
  /** The work has said all that it has to say. */
  private isOver = false

  constructor(child: ChildProcess, resolve: (exitCode: number) => void, heard: readonly EndSignal[]) {
    this.child = child
    this.resolve = resolve
    this.heard = heard
    const socket = child.stdio[3] as Socket | null
    let rest = ''
    socket?.on('data', (piece) => {
      const lines = `${rest}${piece}`.split('\n')
      rest = lines.pop()!
      for (const line of lines) this.told(line)
    })
    socket?.on('error', () => {})
    child.on('error', (error) => {
      say(
        `lanewise: the process that does the work can't be started, ${error.message} - end others, try again`,
      )
      resolve(1)
    })
    child.on('exit', (code, signal) => this.ended(code, signal))
  }

  /** A signal that one of both processes got: passed on if it is new; a second one ends all patience. */
  got(side: Side, name: EndSignal): void {
    const nowMs = process.uptime() * 1000
    const { count, atMs } = this.seen.get(`${side} ${name}`) ?? { count: 0, atMs: Number.NEGATIVE_INFINITY }
    if (nowMs - atMs < SAME_MS) return
    this.seen.set(`${side} ${name}`, { count: count + 1, atMs: nowMs })
    // The other side has been quicker, or slower.
    if (count + 1 <= (this.acted.get(name) ?? 0)) return
    this.acted.set(name, count + 1)
    if (this.first === undefined) this.pass(name)
    // A terminal that is closed may say so twice.
    else if (name !== 'SIGHUP') this.kill()
  }

  private pass(name: EndSignal): void {
    this.first = name
    const socket = this.child.stdio[3] as Socket
    socket.write(`${name}\n`)
    if (!(this.takes && name === 'SIGINT')) this.wait()
  }

  private wait(): void {
    this.grace ??= setTimeout(() => this.kill(), GRACE_MS)
  }

  /** What the second process says. */
  private told(line: string): void {
    if (line === Word.over) this.isOver = true
    else if (this.isKilled) return
    else if (line === Word.takes) this.takes = true
    else if (line === Word.taken) {
      this.takes = false
      this.first = undefined
      clearTimeout(this.grace)
      this.grace = undefined
    } else if (line === Word.givesBack) {
      this.takes = false
      if (this.first !== undefined) this.wait()
    } else if (this.heard.includes(line as EndSignal)) this.got('there', line as EndSignal)
  }

  private kill(): void {
    if (this.isKilled) return
    this.isKilled = true
    clearTimeout(this.grace)
    killWithDescendants(this.child.pid!)
    setTimeout(() => this.ended(null, 'SIGKILL'), DEATH_MS)
  }

  private ended(code: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.grace)
    // A user's code may have taken the signal for itself, and ended the process in its own way.
    const isCut = this.first !== undefined && !this.isOver && code !== 0
    if (signal !== null) this.sayHow(signal)
    else if (isCut) say(AT_ONCE)
    const isDone = signal === null && !isCut
    this.resolve(isDone ? code! : 128 + constants.signals[this.first ?? signal!])
  }

  /** What ended the work, where it couldn't say so itself. */
  private sayHow(signal: NodeJS.Signals): void {
    if (this.isKilled) {
      if (!this.isOver) say(AT_ONCE)
    } else if (SIGNALS.includes(signal as EndSignal)) {
      // Its default action: the work had only begun to start, and a terminal tells both.
      say('interrupted: nothing was written')
    } else {
      const why = signal === 'SIGKILL' ? ', perhaps for want of memory' : ''
      say(`lanewise: its process was ended by ${signal}${why} - what had finished is kept, run it again`)
    }
  }
}

const STDERR = 2

/** On a line of its own, with the cursor that a progress bar has hidden. */
function say(line: string): void {
  try {
    writeSync(STDERR, `${isatty(STDERR) ? '\u001b[?25h\n' : ''}${line}\n`)
  } catch {
    // Nobody listens.
  }
}
