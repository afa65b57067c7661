/** What a completion script is made of: verbs, their options, and the words that may stand in a place. */

/** What may stand in a place: words, files, both, or something that nobody can guess. */
export interface Values {
  readonly choices: readonly string[]
  readonly files: boolean
  /** Left out: one of the choices. */
  readonly form?: Form
}

/**
 * What a word is made of: choices with commas between them; a policy, `name:key=value,key=value`; a change of
 * the scenario, `path=value`, or several values of one key, `path=a,b,c`.
 */
export type Form = 'list' | 'policy' | 'setting' | 'settings'

export interface CompletedOption {
  /** With dashes. */
  readonly short: string | undefined
  readonly long: string | undefined
  readonly description: string
  /** undefined for a flag. */
  readonly values: Values | undefined
}

export interface CompletedVerb {
  readonly name: string
  readonly summary: string
  readonly argument: Values
  readonly options: readonly CompletedOption[]
}

/** Something that gets a value: a parameter, or a key of a scenario with its path. */
export interface Key {
  readonly name: string
  /** Values that are words. */
  readonly choices: readonly string[]
}

/** What policies and changes are made of. */
export interface Vocabulary {
  readonly policies: ReadonlyArray<{ readonly name: string; readonly parameters: readonly Key[] }>
  readonly keys: readonly Key[]
}

export type Script = (verbs: readonly CompletedVerb[], vocabulary: Vocabulary) => string

/** The option's names, with dashes. */
export function namesOf({ short, long }: CompletedOption): string[] {
  return [short, long].filter((name) => name !== undefined)
}

/**
 * Keys that have values to offer, those with the same values together.
 * @param before what stands in front of their names
 */
export function byChoices(keys: readonly Key[], before = ''): Array<{ names: string[]; choices: string[] }> {
  const groups = new Map<string, { names: string[]; choices: string[] }>()
  for (const { name, choices } of keys.filter((key) => key.choices.length > 0)) {
    const id = choices.join(' ')
    if (!groups.has(id)) groups.set(id, { names: [], choices: [...choices] })
    groups.get(id)!.names.push(`${before}${name}`)
  }
  return [...groups.values()]
}

/** The same of the parameters of all policies, `name:parameter`. */
export function parameterChoices({ policies }: Vocabulary): ReturnType<typeof byChoices> {
  return policies.flatMap(({ name, parameters }) => byChoices(parameters, `${name}:`))
}

/** `key= key=`, as they stand before their values. */
export const assigned = (keys: readonly Key[]): string => keys.map(({ name }) => `${name}=`).join(' ')
