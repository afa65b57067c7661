/** The script for zsh (zshcompsys `_arguments`, zshcompwid `compset`). */
import {
  assigned,
  byChoices,
  type CompletedOption,
  type CompletedVerb,
  parameterChoices,
  type Values,
  type Vocabulary,
} from './completed.ts'

export function zsh(verbs: readonly CompletedVerb[], vocabulary: Vocabulary): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const plain = (text: string) => text.replaceAll(/[[\]\\]/g, '\\$&')
  // A colon would end an action; the space in front of it keeps _arguments from adding options to it.
  const action = ({ choices, files, form }: Values) => {
    if (form === 'policy') return ' _lanewise_policy'
    if (form === 'setting' || form === 'settings') return ` _lanewise_setting ${form}`
    if (form === 'list') return ` _lanewise_list ${choices.join(' ')}`
    const words = `(${choices.join(' ')})`
    if (choices.length > 0 && files) return ` _alternative "words\\:value\\:${words}" "files\\:file\\:_files"`
    return choices.length > 0 ? words : files ? '_files' : ' '
  }
  const option = (one: CompletedOption) => {
    const { short, long, description, values } = one
    const rest = `[${plain(description)}]${values === undefined ? '' : `:value:${action(values)}`}`
    const marks = values === undefined ? ['', ''] : ['+', '=']
    return [
      ...(short === undefined ? [] : [quoted(`*${short}${marks[0]}${rest}`)]),
      ...(long === undefined ? [] : [quoted(`*${long}${marks[1]}${rest}`)]),
    ]
  }
  const verbCases = verbs.map(({ name, options, argument }) => {
    const specs = [...options.flatMap(option), quoted(`*:argument:${action(argument)}`)]
    return `    ${name}) _arguments -s ${specs.map((spec) => `\\\n      ${spec}`).join(' ')} ;;`
  })
  const cases = (groups: ReturnType<typeof byChoices>) =>
    groups.map(({ names, choices }) => `      ${names.join('|')}) compadd - ${choices.join(' ')} ;;`)
  const { policies, keys } = vocabulary
  return `#compdef lanewise
# zsh completion for lanewise: source <(lanewise completion zsh), after compinit
_lanewise_policy() {
  if [[ $PREFIX != *:* ]]; then
    _alternative "policies:policy:(${policies.map(({ name }) => name).join(' ')})" "files:file:_files"
    return
  fi
  local name=\${PREFIX%%:*}
  compset -P '*[:,]'
  local key=\${PREFIX%%=*}
  if compset -P '*='; then
    case $name:$key in
${cases(parameterChoices(vocabulary)).join('\n')}
    esac
  else
    case $name in
${policies
  .filter(({ parameters }) => parameters.length > 0)
  .map(({ name, parameters }) => `      ${name}) compadd -S '' - ${assigned(parameters)} ;;`)
  .join('\n')}
    esac
  fi
}
_lanewise_setting() {
  local key=\${PREFIX%%=*}
  if compset -P '*='; then
    if [[ $1 == settings ]]; then compset -P '*,'; fi
    case $key in
${cases(byChoices(keys)).join('\n')}
    esac
  else
    compadd -S '' - ${assigned(keys)}
  fi
}
_lanewise_list() {
  compset -P '*,'
  compadd - "$@"
}
_lanewise() {
  local -a verbs=(
${verbs.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  local verb=$words[2]
  shift words; (( CURRENT-- ))
  case $verb in
${verbCases.join('\n')}
  esac
}
if [[ $funcstack[1] == _lanewise ]]; then _lanewise "$@"; else compdef _lanewise lanewise; fi
`
}
