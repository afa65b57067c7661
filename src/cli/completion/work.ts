/**
 * What can be completed, read from the verbs' own options: an option's values are its choices where commander
 * or its help knows them, policies where it takes one, files and the names of bundled inputs where its
 * placeholder says so. scripts.ts writes it down for a shell.
 */
import { Command, type Option } from 'commander'
import { didYouMean, UserError } from '../../errors.ts'
import { bundledInputs } from '../../node/bundled.ts'
import { policies } from '../../policies/index.ts'
import { HELP } from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { Verbs } from '../shared/verb.ts'
import { type CompletedVerb, scripts, type Values } from './scripts.ts'

/** The script for a shell. Throws UserError for one that isn't known. */
export async function completionScript(shell: string, verbs: Verbs, io: ProcessIo): Promise<string> {
  const write = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
  if (write !== undefined) return write(await completedVerbs(verbs, io))
  const known = [...Object.keys(scripts), 'man']
  const cure = didYouMean(shell, known) || ` - use one of ${known.join(', ')}`
  throw new UserError(`lanewise completion: unknown shell "${shell}"${cure}`, 2)
}

/** Every verb with its options, in the order of the help. */
export async function completedVerbs(verbs: Verbs, io: ProcessIo): Promise<CompletedVerb[]> {
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
function valuesOf({ flags, description, argChoices, defaultValue }: Option): Values | undefined {
  const placeholder = /[<[](.+)[>\]]$/.exec(flags)?.[1]
  if (placeholder === undefined) return undefined
  const alternatives = placeholder.split('|')
  if (alternatives.includes(String(defaultValue))) return { choices: alternatives, files: false }
  return valuesFor(placeholder, description, argChoices)
}

function valuesFor(placeholder: string, description: string, argChoices: readonly string[] = []): Values {
  if (placeholder.startsWith('name[:key=value')) return { choices: [...policies.keys()], files: true }
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
