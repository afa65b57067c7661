/**
 * Completion scripts for bash, zsh and fish. They are complete in themselves: no shell asks lanewise anything
 * while somebody types, so an alias or a path in front of it does no harm. Source: the manuals of the shells:
 * Programmable Completion (bash), zshcompsys `_arguments`, fish `complete`.
 */

/** What may stand in a place: words, files, both, or something that nobody can guess. */
export interface Values {
  readonly choices: readonly string[]
  readonly files: boolean
}

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

/** By the name of the shell. */
export const scripts: Readonly<Record<string, (verbs: readonly CompletedVerb[]) => string>> = {
  bash,
  zsh,
  fish,
}

const namesOf = ({ short, long }: CompletedOption) => [short, long].filter((name) => name !== undefined)

/**
 * With nothing to offer bash completes files by itself; where they make no sense compopt (bash 4) keeps it
 * from that.
 */
function bash(verbs: readonly CompletedVerb[]): string {
  const offer = ({ choices, files }: Values) =>
    `words='${choices.join(' ')}'${files ? '' : '; compopt +o default 2>/dev/null'}`
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
  return `# bash completion for lanewise: source <(lanewise completion bash)
_lanewise() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words= at=
  # --format=json is three words here.
  if [[ $cur == = ]]; then cur=; elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  # @office is two words here, and replaced as one.
  if [[ $cur == @ ]]; then at=@ cur=; elif [[ $before == @ ]]; then at=@ before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if (( COMP_CWORD == 1 )); then before=; fi
  case "\${before:+\${COMP_WORDS[1]} $before}" in
    '') words='${[...verbs.map(({ name }) => name), '--help', '--version'].join(' ')}' ;;
${[...values, ...others].join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$at$cur"))
}
complete -o default -F _lanewise lanewise
`
}

function zsh(verbs: readonly CompletedVerb[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const plain = (text: string) => text.replaceAll(/[[\]\\]/g, '\\$&')
  const action = ({ choices, files }: Values) => {
    const words = `(${choices.join(' ')})`
    // A colon would end the action; the space keeps _arguments from adding options to it.
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
  const cases = verbs.map(({ name, options, argument }) => {
    const specs = [...options.flatMap(option), quoted(`*:argument:${action(argument)}`)]
    return `    ${name}) _arguments -s ${specs.map((spec) => `\\\n      ${spec}`).join(' ')} ;;`
  })
  return `#compdef lanewise
# zsh completion for lanewise: source <(lanewise completion zsh), after compinit
_lanewise() {
  local -a verbs=(
${verbs.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  local verb=$words[2]
  shift words; (( CURRENT-- ))
  case $verb in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _lanewise ]]; then _lanewise "$@"; else compdef _lanewise lanewise; fi
`
}

function fish(verbs: readonly CompletedVerb[]): string {
  const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`
  const offer = ({ choices, files }: Values) =>
    `${files ? ' -r -F' : ' -x'}${choices.length > 0 ? ` -a ${quoted(choices.join(' '))}` : ''}`
  const lines = verbs.flatMap(({ name, summary, argument, options }) => {
    const within = `complete -c lanewise -n '__fish_seen_subcommand_from ${name}'`
    const words = argument.choices.length > 0 ? ` -a ${quoted(argument.choices.join(' '))}` : ''
    return [
      `complete -c lanewise -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...(argument.files || words !== '' ? [`${within}${argument.files ? ' -F' : ''}${words}`] : []),
      ...options.map(({ short, long, description, values }) => {
        const names = `${short === undefined ? '' : ` -s ${short.slice(1)}`}${long === undefined ? '' : ` -l ${long.slice(2)}`}`
        return `${within}${names}${values === undefined ? '' : offer(values)} -d ${quoted(description)}`
      }),
    ]
  })
  return `# fish completion for lanewise: lanewise completion fish > ~/.config/fish/completions/lanewise.fish
complete -c lanewise -f
${lines.join('\n')}
`
}
