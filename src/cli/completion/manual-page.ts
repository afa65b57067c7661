/**
 * The manual page, lanewise(1), made from what --help is made of: the verbs' arguments, options, examples and
 * notes as commander has them. Only files, environment and exit status are written here. Language: man macros
 * of groff, groff_man(7); those of mandoc read it too.
 */
import type { Argument, Command, Option } from 'commander'
import { mainCommand } from '../shared/main-help.ts'
import { HELP } from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { Verbs } from '../shared/verb.ts'
import { version } from '../shared/version.ts'

/** Widest command in an example: it is indented by 7, on a terminal of 80 columns. */
const COMMAND_WIDTH = 70

const FILES: readonly Item[] = [
  ['results/<name>/', 'What compare writes: report.json for programs, CSV files, provenance.json.'],
  [
    'results/<name>-scan/, -ttl/, -measured/, -replay/',
    'The same of a scan, and of tune, measure and replay.',
  ],
  ['<result>/plots/', 'Charts of plot.'],
  ['calibration.json', 'What calibrate writes, for --calibration.'],
  [
    '$XDG_CONFIG_HOME/lanewise/machine.json',
    'What calibrate --machine writes, for --calibration machine; by default in ~/.config.',
  ],
  [
    'scenarios/, scenarios/captures/',
    'In the package: what @names stand for, and scenario.schema.json for editors.',
  ],
  ['docs/', 'In the package: a page per verb, every key of a scenario, policies, metrics.'],
  ['node_modules/.cache/lanewise/', 'In the package: compiled code, so that starts are quicker.'],
]
const ENVIRONMENT: readonly Item[] = [
  ['XDG_CONFIG_HOME', 'Where the calibration of this machine is kept.'],
  ['NO_COLOR', 'No colours, if it is set to anything.'],
  ['NODE_COMPILE_CACHE', 'Another folder for compiled code.'],
  ['NODE_DISABLE_COMPILE_CACHE', 'If set, no compiled code is kept.'],
]
const EXIT_STATUS: readonly Item[] = [
  ['0', 'Done.'],
  ['1', 'Failed: an input, a policy or the work itself, or a gate was not kept.'],
  ['2', 'Wrong usage: a mistake in the command, the scenario or a module, found before any work.'],
  ['128+n', 'Ended by signal n; what was finished is kept.'],
]
const SEE_ALSO = [
  ['tcpdump', 1],
  ['tshark', 1],
  ['iperf3', 1],
  ['tcpreplay', 1],
  ['ip-netns', 8],
] as const

type Item = readonly [term: string, text: string]

/** The page in roff. */
export async function manualPage(verbs: Verbs, io: ProcessIo): Promise<string> {
  const main = mainCommand()
  const commands = await Promise.all(
    Object.entries(verbs).map(async ([name, { summary, load }]) => {
      const command = main.command(name).description(summary)
      const { define } = await load()
      define(command.helpOption(...HELP), io, () => {}, verbs)
      return command
    }),
  )
  const about = afterHelp(main)
  const examples = [main, ...commands].flatMap((command) => examplesOf(command, afterHelp(command)))
  const lines = [
    // Commands and keys are no words to hyphenate.
    '.nr HY 0',
    `.TH LANEWISE 1 "" "lanewise ${version()}" "User Commands"`,
    '.ad l',
    ...['.SH NAME', `lanewise \\- ${escaped(firstLower(main.description()).replace(/\.$/, ''))}`],
    ...['.SH SYNOPSIS', '.B lanewise', '.I verb', '[\\fIoptions\\fR]'],
    ...['.SH DESCRIPTION', escaped(main.description()), ...paragraphs(about.notes)],
    ...['.SH COMMANDS', ...commands.flatMap(commandLines)],
    ...['.SS help', ...usageLines('help', '[\\fIverb\\fR]'), ...paragraphs(['Print the help of a verb.'])],
    ...['.SH OPTIONS', ...main.createHelp().visibleOptions(main).flatMap(optionLines)],
    ...['.SH EXAMPLES', ...examples],
    ...['.SH FILES', ...FILES.flatMap(itemLines)],
    ...['.SH ENVIRONMENT', ...ENVIRONMENT.flatMap(itemLines)],
    ...['.SH EXIT STATUS', ...EXIT_STATUS.flatMap(itemLines)],
    '.SH SEE ALSO',
    ...SEE_ALSO.map(([name, section], i) => {
      const end = i < SEE_ALSO.length - 1 ? ',' : ''
      return `.BR ${escaped(name)} (${section})${end}`
    }),
  ]
  return `${lines.join('\n')}\n`
}

function commandLines(command: Command): string[] {
  const argumentText = command.registeredArguments.map(argumentName).join(' ')
  const { notes } = afterHelp(command)
  return [
    `.SS ${command.name()}`,
    ...usageLines(command.name(), `[\\fIoptions\\fR] ${argumentText}`.trimEnd()),
    ...paragraphs([`${firstUpper(command.description())}.`]),
    ...command.registeredArguments.flatMap((argument) => [
      ...['.TP', argumentName(argument)],
      escaped(argument.description),
    ]),
    ...command.createHelp().visibleOptions(command).flatMap(optionLines),
    ...paragraphs(notes),
  ]
}

function usageLines(verb: string, rest: string): string[] {
  return [`.B lanewise ${verb}`, rest]
}

function argumentName(argument: Argument): string {
  const name = `\\fI${escaped(argument.name())}\\fR${argument.variadic ? ' ...' : ''}`
  return argument.required ? name : `[${name}]`
}

function optionLines({ flags, description, defaultValue }: Option): string[] {
  const [, names = flags, value] = /^(.*?)(?: <(.+)>)?$/.exec(flags) ?? []
  const bold = names.split(', ').map((name) => `\\fB${escaped(name)}\\fR`)
  const usual = typeof defaultValue === 'string' ? ` (default: ${defaultValue})` : ''
  return [
    '.TP',
    bold.join(', ') + (value === undefined ? '' : ` \\fI${escaped(value)}\\fR`),
    escaped(`${description}${usual}`),
  ]
}

function itemLines([term, text]: Item): string[] {
  return ['.TP', `\\fB${escaped(term)}\\fR`, escaped(text)]
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text) => ['.PP', escaped(text)])
}

/** What a help says after its options. */
interface AfterHelp {
  readonly examples: ReadonlyArray<{ readonly command: string; readonly remark: string }>
  /** A paragraph each. */
  readonly notes: readonly string[]
}

function afterHelp(command: Command): AfterHelp {
  let help = ''
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 80 }).outputHelp()
  const [, after = ''] = help.split('\nExamples:\n')
  const [shown = '', ...notes] = after.trimEnd().split('\n\n')
  const examples: Array<{ command: string; remark: string }> = []
  for (const line of shown.split('\n')) {
    const [first = '', second = ''] = line.trim().split(/ {2,}/)
    // A line that only goes on with the remark of the one above is indented far.
    if (/^ {3}/.test(line)) examples.at(-1)!.remark += first
    else examples.push({ command: first, remark: second })
  }
  return { examples, notes: notes.map((text) => text.replaceAll('\n', ' ')) }
}

function examplesOf(command: Command, { examples }: AfterHelp): string[] {
  const lines = examples.flatMap(({ command, remark }) => [
    ...(remark === '' ? [] : [escaped(`# ${remark}`)]),
    ...folded(command).map(escaped),
  ])
  return [`.SS ${command.name()}`, '.EX', ...lines, '.EE']
}

/** A command on lines that a shell reads as one. */
function folded(command: string): string[] {
  if (command.length <= COMMAND_WIDTH) return [command]
  const at = command.lastIndexOf(' -', COMMAND_WIDTH - 2)
  return [`${command.slice(0, at)} \\`, ...folded(`    ${command.slice(at + 1)}`)]
}

/** Text that stands for itself: groff makes other characters of some, and takes lines for requests. */
function escaped(text: string): string {
  const named: Readonly<Record<string, string>> = {
    '\\': '\\e',
    '-': '\\-',
    "'": '\\(aq',
    '`': '\\(ga',
    '^': '\\(ha',
    '~': '\\(ti',
  }
  return text.replaceAll(/[\\'`^~-]/g, (character) => named[character]!).replace(/^\./, '\\&.')
}

const firstUpper = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
const firstLower = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`
