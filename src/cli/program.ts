/**
 * The command line as a function: arguments in, exit code out (0 done, 1 failed, 2 wrong usage). Each verb
 * has a file of its own (verbs.ts) that is loaded only when it is used, so that --help is quick. All
 * errors end here: a user's mistake is one line on stderr, anything else is a defect of ours and keeps its
 * stack.
 */
import { existsSync } from 'node:fs'
import { CommanderError } from 'commander'
import { didYouMean, reasonOf, UserError } from '../errors.ts'
import { sameMoment } from '../node/same-moment.ts'
import { visible, visibleLines } from '../visible.ts'
import { tooManyFiles } from './process/last-words.ts'
import { mainCommand } from './shared/main-help.ts'
import {
  interrupted,
  isInterrupted,
  type Output,
  type ProcessIo,
  sayLines,
  textIo,
} from './shared/process-io.ts'
import { version } from './shared/version.ts'
import { VERBS } from './verbs.ts'

/** Runs one command. */
export async function program(given: ProcessIo): Promise<number> {
  const io = textIo(given)
  const { argv, stderr, signal } = io
  try {
    const exitCode = await run(io)
    // An error that came when nobody asked the signal any more.
    if (signal.reason instanceof Error) throw signal.reason
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      stderr.write(`${visible(usageError(error, argv))}\n`)
      return 2
    }
    await sameMoment()
    if (!isInterrupted(signal)) return sayFailure(error, stderr)
    // What looks like wrong usage came of the signal; other errors may tell what couldn't be saved.
    const isEarly = error === signal.reason || (error instanceof UserError && error.exitCode === 2)
    return interrupted(isEarly ? 'nothing was written' : reasonOf(error), stderr, signal)
  }
}

/** Says what ended the work; the exit code. */
export function sayFailure(error: unknown, stderr: Output): number {
  if (error instanceof UserError) {
    sayLines(error.lines, stderr)
    return error.exitCode
  }
  const tooMany = tooManyFiles(error)
  if (tooMany !== undefined) {
    stderr.write(`${tooMany}\n`)
    return 1
  }
  stderr.write(
    `lanewise ${version()}: a defect of lanewise, please report it with the command that you ran\n`,
  )
  stderr.write(`${visibleLines((error as Error)?.stack ?? String(error))}\n`)
  return 1
}

/** Verbs whose arguments are files to be read from beginning to end. */
const READING: ReadonlySet<string> = new Set([
  ...['compare', 'tune', 'diagnose', 'inspect', 'measure', 'replay', 'calibrate'],
])

async function run(io: ProcessIo): Promise<number> {
  const { argv, stdout, stderr } = io
  const main = mainCommand()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => (stdout.isTTY ? (stdout.columns ?? 80) : 80),
      getOutHasColors: () => false,
    })
  const words = argv.filter((word) => !word.startsWith('-'))
  const verb = words[0] === 'help' ? words[1] : words[0]
  if (verb !== undefined) checkVerb(verb)
  let exitCode = 0
  for (const [name, { summary, load }] of Object.entries(VERBS)) {
    const command = main.command(name).description(summary)
    if (name !== verb) continue
    const { define } = await load()
    const done = (code: number) => {
      exitCode = code
    }
    define(command, io, done, VERBS)
  }
  if (argv.length === 0) {
    main.configureOutput({ writeOut: (text) => stderr.write(text) }).outputHelp()
    return 2
  }
  let closePipes = () => {}
  main.hook('preAction', async (_, action) => {
    if (!READING.has(action.name())) return
    const { openPipes } = await import('./shared/piped-inputs.ts')
    const given = { files: action.processedArgs.flat() as string[], options: action.opts() }
    closePipes = await openPipes(action.name(), given, io)
  })
  try {
    await main.parseAsync(argv as string[], { from: 'user' })
  } finally {
    closePipes()
  }
  return exitCode
}

function checkVerb(verb: string): void {
  if (Object.hasOwn(VERBS, verb)) return
  const cure =
    didYouMean(verb, Object.keys(VERBS)) ||
    (existsSync(verb) ? ` - to simulate that file: lanewise compare ${verb}` : ' - see lanewise --help')
  throw new UserError(`lanewise: unknown verb "${verb}"${cure}`, 2)
}

/** commander's words as *where - what - cure*. */
function usageError({ message, code }: CommanderError, argv: readonly string[]): string {
  const verb = argv.find((word) => Object.hasOwn(VERBS, word))
  const where = verb === undefined ? 'lanewise' : `lanewise ${verb}`
  const [said = '', suggestion] = message.split('\n')
  const what = said.replace(/^error: /, '').replace(/\.$/, '')
  const meant = /Did you mean (?:one of )?(.*)\?\)/.exec(suggestion ?? '')?.[1]
  const cure =
    meant !== undefined
      ? `did you mean ${meant}?`
      : code === 'commander.missingArgument' && verb !== 'completion'
        ? 'name a scenario or a capture (lanewise list scenarios)'
        : `see ${where} --help`
  return `${where}: ${what} - ${cure}`
}
