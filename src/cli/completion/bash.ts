/** The script for bash (Programmable Completion in its manual); 3.2 and later take it. */
import {
  assigned,
  byChoices,
  type CompletedVerb,
  namesOf,
  parameterChoices,
  type Values,
  type Vocabulary,
} from './completed.ts'

/**
 * With nothing to offer bash completes files by itself; where they make no sense compopt (bash 4) keeps it
 * from that. Readline divides words at : and = too: what is offered goes on from there.
 */
export function bash(verbs: readonly CompletedVerb[], vocabulary: Vocabulary): string {
  const offer = ({ choices, files, form }: Values) => {
    if (form === 'policy') return '_lanewise_policy'
    if (form === 'setting' || form === 'settings') return `_lanewise_setting ${form}`
    const stem = form === 'list' ? `; stem=\${cur%"\${cur##*,}"}` : ''
    return `words='${choices.join(' ')}'${stem}${files ? '' : '; compopt +o default 2>/dev/null'}`
  }
  const values = verbs.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      if (option.values === undefined) return []
      const patterns = namesOf(option).map((word) => `'${name} ${word}'`)
      return [`    ${patterns.join('|')}) ${offer(option.values)} ;;`]
    }),
  )
  const others = verbs.flatMap(({ name, options, argument }) => [
    `    '${name} '*)`,
    `      if [[ $cur == -* ]]; then words='${options.flatMap(namesOf).join(' ')}'; else ${offer(argument)}; fi ;;`,
  ])
  const cases = (groups: ReturnType<typeof byChoices>) =>
    groups.map(({ names, choices }) => `      ${names.join('|')}) words='${choices.join(' ')}' ;;`)
  const { policies, keys } = vocabulary
  return `# bash completion for lanewise: source <(lanewise completion bash)
_lanewise_policy() {
  words='${policies.map(({ name }) => name).join(' ')}'
  if [[ $cur != *:* ]]; then return; fi
  words=; compopt +o default 2>/dev/null
  stem=\${cur%"\${cur##*[:,]}"}
  local name=\${cur%%:*} key=\${cur#"$stem"}
  if [[ $key == *=* ]]; then
    key=\${key%%=*}; stem+=$key=
    case $name:$key in
${cases(parameterChoices(vocabulary)).join('\n')}
    esac
  else
    compopt -o nospace 2>/dev/null
    case $name in
${policies
  .filter(({ parameters }) => parameters.length > 0)
  .map(({ name, parameters }) => `      ${name}) words='${assigned(parameters)}' ;;`)
  .join('\n')}
    esac
  fi
}
_lanewise_setting() {
  compopt +o default 2>/dev/null
  if [[ $cur == *=* ]]; then
    stem=\${cur%%=*}=
    if [[ $1 == settings ]]; then stem=\${cur%"\${cur##*[=,]}"}; fi
    case \${cur%%=*} in
${cases(byChoices(keys)).join('\n')}
    esac
  else
    compopt -o nospace 2>/dev/null
    words='${assigned(keys)}'
  fi
}
_lanewise() {
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:COMP_POINT} words= stem= kept= breaks= cut= word typed
  local whole=\${line##*[[:blank:]]}
  local cur=$whole
  read -ra typed <<< "\${line%"$whole"}"
  local before=\${typed[\${#typed[@]}-1]}
  if [[ $cur == --*=* ]]; then before=\${cur%%=*} cur=\${cur#*=} kept=$before=; fi
  if (( \${#typed[@]} == 1 )); then before=; fi
  case "\${before:+\${typed[1]} $before}" in
    '') words='${[...verbs.map(({ name }) => name), '--help', '--version'].join(' ')}' ;;
${[...values, ...others].join('\n')}
  esac
  if [[ $COMP_WORDBREAKS == *:* ]]; then breaks+=:; fi
  if [[ $COMP_WORDBREAKS == *=* ]]; then breaks+==; fi
  if [[ $breaks ]]; then cut=\${whole%"\${whole##*[$breaks]}"}; fi
  COMPREPLY=()
  for word in $words; do
    if [[ $word != "\${cur#"$stem"}"* ]]; then continue; fi
    word=$kept$stem$word
    COMPREPLY+=("\${word#"$cut"}")
  done
}
complete -o default -F _lanewise lanewise
`
}
