/** The script for fish (`complete` in its manual). Its functions run within the shell. */
import {
  assigned,
  byChoices,
  type CompletedVerb,
  parameterChoices,
  type Values,
  type Vocabulary,
} from './completed.ts'

export function fish(verbs: readonly CompletedVerb[], vocabulary: Vocabulary): string {
  const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`
  const wordsOf = ({ choices, form }: Values) => {
    if (form === 'policy') return "'(__lanewise_policy)'"
    if (form === 'setting' || form === 'settings') return `'(__lanewise_setting ${form})'`
    if (form === 'list') return quoted(`(__lanewise_list ${choices.join(' ')})`)
    return choices.length > 0 ? quoted(choices.join(' ')) : ''
  }
  const listed = (values: Values) => (wordsOf(values) === '' ? '' : ` -a ${wordsOf(values)}`)
  const offer = (values: Values) => `${values.files ? ' -r -F' : ' -x'}${listed(values)}`
  const lines = verbs.flatMap(({ name, summary, argument, options }) => {
    const within = `complete -c lanewise -n '__fish_seen_subcommand_from ${name}'`
    const words = listed(argument)
    return [
      `complete -c lanewise -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...(argument.files || words !== '' ? [`${within}${argument.files ? ' -F' : ''}${words}`] : []),
      ...options.map(({ short, long, description, values }) => {
        const names = `${short === undefined ? '' : ` -s ${short.slice(1)}`}${long === undefined ? '' : ` -l ${long.slice(2)}`}`
        return `${within}${names}${values === undefined ? '' : offer(values)} -d ${quoted(description)}`
      }),
    ]
  })
  const cases = (groups: ReturnType<typeof byChoices>) =>
    groups.flatMap(({ names, choices }) => [
      `      case ${names.join(' ')}`,
      `        __lanewise_offer "$stem" ${choices.join(' ')}`,
    ])
  const { policies, keys } = vocabulary
  return `# fish completion for lanewise: lanewise completion fish > ~/.config/fish/completions/lanewise.fish
function __lanewise_offer
  for word in $argv[2..-1]
    echo $argv[1]$word
  end
end
function __lanewise_word
  commandline -ct | string replace -r -- '^--[\\w-]+=' ''
end
function __lanewise_list
  set -l stem (__lanewise_word | string replace -r -- '[^,]*$' '')
  __lanewise_offer "$stem" $argv
end
function __lanewise_policy
  set -l word (__lanewise_word)
  set -l stem ''
  if not string match -q -- '*:*' "$word"
    __lanewise_offer "$stem" ${policies.map(({ name }) => name).join(' ')}
    return
  end
  set -l name (string split -m 1 -- : $word)[1]
  set stem (string replace -r -- '[^:,]*$' '' $word)
  set -l key (string replace -r -- '^.*[:,]' '' $word)
  if string match -q -- '*=*' "$key"
    set key (string split -m 1 -- = $key)[1]
    set stem "$stem$key="
    switch "$name:$key"
${cases(parameterChoices(vocabulary)).join('\n')}
    end
  else
    switch $name
${policies
  .filter(({ parameters }) => parameters.length > 0)
  .map(
    ({ name, parameters }) => `      case ${name}\n        __lanewise_offer "$stem" ${assigned(parameters)}`,
  )
  .join('\n')}
    end
  end
end
function __lanewise_setting
  set -l word (__lanewise_word)
  if not string match -q -- '*=*' "$word"
    __lanewise_offer '' ${assigned(keys)}
    return
  end
  set -l key (string split -m 1 -- = $word)[1]
  set -l stem "$key="
  if test $argv[1] = settings
    set stem (string replace -r -- '[^=,]*$' '' $word)
  end
    switch $key
${cases(byChoices(keys)).join('\n')}
    end
end
complete -c lanewise -f
${lines.join('\n')}
`
}
