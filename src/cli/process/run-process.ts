/**
 * Gives the process to program.ts. A reader that goes away (`| head`) is no error, a full disk behind stdout
 * is one line; ^C ends first the pipe that it reads, then the work, in good order. What a user's policy
 * throws when nobody waits for it ends the work too; one that ends the process is reported, and the exit code
 * is not 0. The last handler loads nothing, so that it can't fail for want of what made it necessary.
 */
import process from 'node:process'
import { explainSameMoment } from '../../node/same-moment.ts'
import { thrownLater } from '../../node/thrown-later.ts'
import { program, sayFailure } from '../program.ts'
import type { Isolation } from '../shared/process-io.ts'
import { sayLast } from './last-words.ts'
import { type EndSignal, type SignalSource, Word } from './signals.ts'

/**
 * Runs the command and sets the exit code.
 * @param isolated how it came into the network namespace in which it is
 */
export async function runProcess(
  argv: readonly string[],
  signals: SignalSource,
  isolated?: Isolation,
): Promise<void> {
  const stop = new AbortController()
  let taken: (() => void) | undefined
  const interrupt = (name: EndSignal): boolean => {
    const take = name === 'SIGINT' ? taken : undefined
    if (take === undefined) stop.abort(name)
    else {
      taken = undefined
      take()
    }
    return take !== undefined
  }
  signals.listen(interrupt)
  explainSameMoment(() => signals.settled())

  process.stdout.on('error', (error) => {
    process.exitCode = outputFailed(error)
  })
  process.stderr.on('error', () => {})

  let isDone = false
  let isFailing = false
  process.on('uncaughtException', (error) => {
    if (isFailing) return failed(error)
    isFailing = true
    try {
      const mistake = thrownLater(error)
      if (mistake !== undefined && !isDone) {
        // A signal in the same moment comes first.
        void signals.settled().then(() => stop.abort(mistake))
        isFailing = false
        return
      }
      process.exitCode = sayFailure(mistake ?? error, process.stderr)
    } catch (second) {
      return failed(second)
    }
    isFailing = false
    if (isDone) return
    isDone = true
    process.exit()
  })
  const failed = (error: unknown) => {
    isDone = true
    sayLast(error)
    process.exit(1)
  }
  process.on('exit', () => {
    if (isDone) return
    process.stderr.write(
      "lanewise: the process was ended before the work was done - a policy's module must neither call process.exit() nor wait for ever\n",
    )
    process.exitCode = 1
  })

  const exitCode = await program({
    argv,
    stdout: process.stdout,
    stderr: process.stderr,
    get stdin() {
      return process.stdin
    },
    env: process.env,
    takeInterrupt(take) {
      taken = take
      signals.say(Word.takes)
      return () => {
        if (taken !== take) return
        taken = undefined
        signals.say(Word.givesBack)
      }
    },
    isolated,
    signal: stop.signal,
  })
  isDone = true
  process.exitCode = process.exitCode === undefined ? exitCode : Math.max(Number(process.exitCode), exitCode)
  signals.say(Word.over)
}

/** The exit code, unless nobody listens any more. */
function outputFailed(error: NodeJS.ErrnoException): number {
  if (error.code === 'EPIPE') return 0
  process.stderr.write(`stdout: can't be written, ${error.message} - make room, or write elsewhere\n`)
  return 1
}
