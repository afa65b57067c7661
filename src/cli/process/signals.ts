/**
 * The signals that end the work, as the process that does it hears of them: its own, or those that its
 * supervisor tells over a socket, each once. A terminal sends ^C to both processes, and whoever knows only
 * one of them sends it to that one: so the second process obeys the first alone, and tells it what it got
 * itself.
 */
import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import process from 'node:process'
import { setTimeout as setTimer } from 'node:timers'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { ignoresHangup } from './ignored-hangup.ts'

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type EndSignal = (typeof SIGNALS)[number]

/** Of the second process: where the socket to the first stands, behind the standard streams. */
const SUPERVISOR = 3

/** What the second process says besides the names of signals that it got. */
export const Word = {
  /** The next ^C will end its input, not the work ... */
  takes: 'takes',
  /** ... has done so, */
  taken: 'taken',
  /** ... or would end the work again. */
  givesBack: 'gives back',
  /** It has said all that it has to say. */
  over: 'over',
} as const

/** What is said where the work couldn't end by itself. */
export const AT_ONCE = 'interrupted: at once, only what had finished is kept'

export interface SignalSource {
  /** Calls `end` for each signal; `end` says whether the work goes on all the same. */
  listen(end: (name: EndSignal) => boolean): void
  /** Says where the work stands. */
  say(word: string): void
  /** Resolves when a signal that has come by now has been told to `end`, or ends nothing. */
  settled(): Promise<void>
}

/**
 * Node hears of a signal when it next waits for events: at the latest in the turn of its loop after this one.
 * The kernel tells all of a group before the first of them can have ended.
 */
async function nextTurn(): Promise<void> {
  await setImmediate()
  await setImmediate()
}

/** After the supervisor's own, where there is one (supervise.ts). */
const OWN_GRACE_MS = 900
const STDERR = 2

/**
 * Those that this process gets; not SIGHUP under nohup. The second of one kind ends it at once, and so does
 * the first where threads take too long to end on a busy machine.
 */
export function ownSignals(): SignalSource {
  let isOver = false
  const endAtOnce = (name: EndSignal) => {
    try {
      if (!isOver) writeSync(STDERR, `${AT_ONCE}\n`)
    } catch {
      // Nobody listens.
    }
    // Nothing listens any more, so that it ends this process.
    process.kill(process.pid, name)
  }
  return {
    listen(end) {
      for (const name of SIGNALS) {
        const isDeaf = name === 'SIGHUP' && ignoresHangup()
        process.on(name, function listener() {
          if (isDeaf || end(name)) return
          process.off(name, listener)
          setTimer(() => endAtOnce(name), OWN_GRACE_MS).unref()
        })
      }
    },
    say(word) {
      if (word === Word.over) isOver = true
    },
    settled: nextTurn,
  }
}

/** The supervisor answers within a turn of its own loop, unless it ignores the signal. */
const ANSWER_MS = 150

/** Those that the supervisor tells. Called first of all: a signal must not end what has hardly begun. */
export function supervisedSignals(): SignalSource {
  const supervisor = new Socket({ fd: SUPERVISOR })
  const early: EndSignal[] = []
  let end = (name: EndSignal): boolean => {
    early.push(name)
    return false
  }
  let rest = ''
  let answered = () => {}
  let answer: Promise<void> = Promise.resolve()
  const tell = (word: string) => {
    if (supervisor.writable) supervisor.write(`${word}\n`)
  }
  supervisor.on('data', (piece) => {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop()!
    for (const name of lines) if (end(name as EndSignal)) tell(Word.taken)
    answered()
  })
  // It is gone: where the kernel hasn't ended this process with it, nothing is owed to anybody.
  supervisor.on('error', () => {})
  supervisor.on('close', () => process.kill(process.pid, 'SIGKILL'))
  supervisor.unref()
  for (const name of SIGNALS) {
    process.on(name, () => {
      answer = Promise.race([
        new Promise<void>((resolve) => {
          answered = resolve
        }),
        setTimeout(ANSWER_MS),
      ])
      tell(name)
    })
  }
  return {
    listen(listener) {
      end = listener
      for (const name of early) end(name)
    },
    say: tell,
    async settled() {
      await nextTurn()
      await answer
    },
  }
}
