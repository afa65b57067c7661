/**
 * Completion scripts for bash, zsh and fish, complete in themselves: no shell asks lanewise anything while
 * somebody types, so an alias or a path in front of it does no harm. What can be completed is read from the
 * verbs' own options: an option's values are its choices where commander or its help knows them, policies and
 * keys of the scenario where it takes those, files and the names of bundled inputs where its placeholder says
 * so.
 */
import { Command, type Option } from 'commander'
import { PRESETS } from '../../calibrate/presets.ts'
import { didYouMean, UserError } from '../../errors.ts'
import { bundledInputs } from '../../node/bundled.ts'
import { charts } from '../../plots/charts/index.ts'
import { HELP } from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { Verbs } from '../shared/verb.ts'
import { bash } from './bash.ts'
import type { CompletedVerb, Form, Script, Values } from './completed.ts'
import { fish } from './fish.ts'
import { vocabulary } from './vocabulary.ts'
import { zsh } from './zsh.ts'

/** By the name of the shell. */
const scripts: Readonly<Record<string, Script>> = { bash, zsh, fish }
/** By what stands for a value in help. */
const forms: Readonly<Record<string, Form>> = {
  'name[:key=value,...]': 'policy',
  label: 'policy',
  'path=value': 'setting',
  'path=min:max:step': 'setting',
  'path=a,b,c': 'settings',
}

/** The script for a shell. Throws UserError for one that isn't known. */
export async function completionScript(shell: string, verbs: Verbs, io: ProcessIo): Promise<string> {
  const write = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
  if (write !== undefined) return write(await completedVerbs(verbs, io), vocabulary())
  const known = [...Object.keys(scripts), 'man']
  const cure = didYouMean(shell, known) || ` - use one of ${known.join(', ')}`
  throw new UserError(`lanewise completion: unknown shell "${shell}"${cure}`, 2)
}

/** Every verb with its options, in the order of the help. */
async function completedVerbs(verbs: Verbs, io: ProcessIo): Promise<CompletedVerb[]> {
  const completed = Object.entries(verbs).map(async ([name, { summary, load }]): Promise<CompletedVerb> => {
    const command = new Command(name).helpOption(...HELP)
    const { define } = await load()
    define(command, io, () => {}, verbs)
    const [argument] = command.registeredArguments
    const options = command.createHelp().visibleOptions(command)
    return {
      name,
      summary,
      argument:
        argument === undefined
          ? nothing
          : valuesFor(argument.name(), argument.description, argument.argChoices),
      options: options.map((option) => ({
        short: option.short,
        long: option.long,
        description: option.description,
        values: valuesOf(option),
      })),
    }
  })
  return [
    ...(await Promise.all(completed)),
    { ...helpVerb, argument: { choices: Object.keys(verbs), files: false } },
  ]
}

const nothing: Values = { choices: [], files: false }
const helpVerb = { name: 'help', summary: 'print the help of a verb', options: [] }

/** undefined for a flag. */
function valuesOf({ flags, long, description, argChoices, defaultValue }: Option): Values | undefined {
  const placeholder = /<(.+)>$/.exec(flags)?.[1]
  if (placeholder === undefined) return undefined
  const form = forms[placeholder]
  if (form !== undefined) return { choices: [], files: placeholder.startsWith('name'), form }
  if (long === '--as') return { choices: PRESETS.map(({ name }) => name), files: false }
  if (long === '--chart') return { choices: charts.map(({ name }) => name), files: false }
  const alternatives = placeholder.split('|').filter((word) => word !== 'n')
  const isWords = alternatives.includes(String(defaultValue)) || /^n\||^same\|/.test(placeholder)
  if (isWords) return { choices: alternatives, files: false }
  const [, list] = /^.+: (.+), several with commas$/.exec(description) ?? []
  if (list !== undefined) return { choices: list.split(', '), files: false, form: 'list' }
  return valuesFor(placeholder, description, argChoices)
}

function valuesFor(placeholder: string, description: string, argChoices: readonly string[] = []): Values {
  const choices = argChoices.length > 0 ? argChoices : choicesIn(description)
  if (choices.length > 0) return { choices, files: false }
  const inputs = bundledInputs().filter(({ kind }) =>
    placeholder.split('|').some((word) => word.startsWith(kind)),
  )
  return {
    choices: inputs.map(({ name }) => name),
    files: /file|dir|capture|scenario|result/.test(placeholder),
  }
}

/**
 * The words of `stdout: table, json or csv` and of `one of policies, sources`; none where help says something
 * else.
 */
function choicesIn(description: string): string[] {
  const text = description.replaceAll(' (default)', '')
  const list =
    /^(?:[\w ]+: )?((?:[\w-]+, )*[\w-]+ or [\w-]+)(?:;|$)/.exec(text) ??
    /^one of ([\w-]+(?:, [\w-]+)+)$/.exec(text)
  return list === null ? [] : list[1]!.split(/, | or /)
}
