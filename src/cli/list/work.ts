/**
 * The work of `lanewise list`: one entry in full, a topic in detail, or an overview of all, as a table or as
 * JSON.
 */
import { didYouMean, UserError } from '../../errors.ts'
import { jsonText } from '../../report/parts/json.ts'
import { wrap } from '../../report/parts/wrap.ts'
import { formatOf } from '../shared/format-names.ts'
import { type ProcessIo, widthOf } from '../shared/process-io.ts'
import type { ListOptions } from './options.ts'
import { type Entry, type Parameter, topics } from './topics.ts'

/** Where the facts of one entry begin. */
const FACT_COLUMN = 16

/** Throws UserError for a topic, name or format that there isn't. */
export function list(
  topic: string | undefined,
  name: string | undefined,
  options: ListOptions,
  { stdout }: ProcessIo,
): void {
  const asJson = formatOf(options.format, ['table', 'json']) === 'json'
  if (topic !== undefined && !Object.hasOwn(topics, topic)) {
    const known = Object.keys(topics)
    const cure = nearest(topic, known) || ofAnother(topic) || ` - use one of ${known.join(', ')}`
    throw new UserError(`lanewise list: unknown topic "${topic}"${cure}`, 2)
  }
  const width = widthOf(stdout)
  if (topic !== undefined && name !== undefined) {
    const [entry, ...others] = entriesNamed(name, topic)
    if (others.length === 0) stdout.write(asJson ? jsonText(entry) : inFull(entry!, width))
    else stdout.write(asJson ? jsonText([entry, ...others]) : inDetail(topic, [entry!, ...others], width))
    return
  }
  if (topic !== undefined) {
    const found = topics[topic]!.entries()
    stdout.write(asJson ? jsonText(found) : inDetail(topic, found, width))
    return
  }
  const all = Object.entries(topics).map(([name, { entries }]) => [name, entries()] as const)
  stdout.write(
    asJson
      ? jsonText(Object.fromEntries(all))
      : `${all.map(([name, entries]) => inBrief(name, entries, width)).join('\n')}\n` +
          'What they mean: lanewise list <topic>\n',
  )
}

/** One, or more where several have the same head. */
function entriesNamed(name: string, topic: string): readonly Entry[] {
  const { entries, find, heads = [] } = topics[topic]!
  const all = entries()
  const own = all.filter((entry) => entry.name === name)
  const found = own.length > 0 ? own : (find?.(name) ?? [])
  if (found.length > 0) return found
  const names = all.map((entry) => entry.name)
  const cure = nearest(name, [...names, ...heads]) || ` - see lanewise list ${topic}`
  throw new UserError(`lanewise list ${topic}: unknown name "${name}"${cure}`, 2)
}

/** Letters that a word must share with a longer one, for which it may be short. */
const BEGINNING_MIN = 3

/** Like didYouMean, which also knows beginnings: "policy" for policies. */
function nearest(word: string, known: readonly string[]): string {
  const said = didYouMean(word, known)
  if (said !== '') return said
  const shared = (one: string) => {
    let letters = 0
    while (letters < word.length && one[letters]?.toLowerCase() === word[letters]!.toLowerCase()) letters++
    return letters
  }
  const best = known.toSorted((a, b) => shared(b) - shared(a))[0]
  const isNear = best !== undefined && shared(best) >= Math.max(BEGINNING_MIN, word.length / 2)
  return isNear ? ` - did you mean "${best}"?` : ''
}

/** The topic that has an entry of this name, where it was left out. */
function ofAnother(name: string): string {
  const topic = Object.entries(topics).find(([, { entries }]) => entries().some((one) => one.name === name))
  return topic === undefined ? '' : ` - did you mean lanewise list ${topic[0]} ${name}?`
}

/** One entry alone. */
function inFull(entry: Entry, width: number): string {
  const {
    name,
    title,
    shortTitle,
    better,
    lookWhen,
    source,
    notModelled,
    models,
    keepsOrder,
    file,
    parameters = [],
  } = entry
  const facts = Object.entries({
    models,
    'keeps order': keepsOrder,
    'look at it': lookWhen,
    'shown as': shortTitle === undefined ? title : `${title}; in tables ${shortTitle}`,
    'better if': better,
    source,
    'not modelled': notModelled,
    file,
  })
  return text([
    [name],
    described('', sentence(entry), 2, width),
    ...parameters.map((parameter) => parameterLines(parameter, width)),
    ...facts.map(([label, fact]) =>
      fact === undefined ? [] : described(`  ${label}`, fact, FACT_COLUMN, width),
    ),
  ])
}

function inBrief(topic: string, entries: readonly Entry[], width: number): string {
  const names = entries.map(({ name }, i) => (i < entries.length - 1 ? `${name},` : name))
  const lines = wrap(names.join(' '), width - 2).map((line) => `  ${line}`)
  return text([heading(topic, width), lines])
}

function inDetail(topic: string, entries: readonly Entry[], width: number): string {
  const indent = Math.max(...entries.map(({ name }) => name.length)) + 4
  const lines = entries.map((entry, i) => [
    ...(entry.group === entries[i - 1]?.group ? [] : ['', `${entry.group}`]),
    ...described(`  ${entry.name}`, sentence(entry), indent, width),
    ...(entry.parameters ?? []).flatMap((parameter) => parameterLines(parameter, width)),
  ])
  return text([heading(topic, width), ...lines])
}

function heading(topic: string, width: number): string[] {
  return wrap(`${topic} - ${topics[topic]!.use}`, width)
}

function text(blocks: readonly (readonly string[])[]): string {
  return blocks
    .flat()
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

function sentence({ description, unit }: Entry): string {
  return unit === undefined || unit === '' || unit === 'ratio' ? description : `${description} [${unit}]`
}

function parameterLines({ name, values, default: usual, required, description }: Parameter, width: number) {
  const end = required ? ' (must be given)' : usual === null ? ' (optional)' : ` (default ${usual})`
  const meaning = description === '' ? '' : `: ${description}`
  return described(`      ${name}=`, `${values}${end}${meaning}`, 10, width)
}

/** `head`, then the text from column `indent` on; on its own line where the head is too long. */
function described(head: string, text: string, indent: number, width: number): string[] {
  const [first = '', ...others] = wrap(text, width - indent, width - Math.max(indent, head.length))
  return [
    head.length > indent ? `${head}${first}` : `${head.padEnd(indent)}${first}`,
    ...others.map((line) => `${' '.repeat(indent)}${line}`),
  ]
}
