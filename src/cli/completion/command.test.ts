/** Completion scripts, in the shells that they are for. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { policies } from '../../policies/index.ts'
import { runProgram } from '../run-program.testing.ts'
import { VERBS } from '../verbs.ts'

const script = async (shell: string) => (await runProgram(['completion', shell])).stdout

/** What the shell prints; its complaints fail the test. */
function run(shell: string, argv: readonly string[], input: string): string {
  const { stdout, stderr, status } = spawnSync(shell, argv, { input, encoding: 'utf8', timeout: 20_000 })
  assert.deepEqual([stderr, status], ['', 0])
  return stdout
}

const isMissing = (shell: string) => spawnSync(shell, ['--version']).error !== undefined
const skipWithout = (shell: string) => ({ skip: isMissing(shell) ? `${shell} isn't installed` : false })

describe('lanewise completion bash', skipWithout('bash'), () => {
  /** What is offered for the last word; words are divided as readline does it. */
  async function offered(words: readonly string[]): Promise<string[]> {
    const list = words.map((word) => `'${word}'`).join(' ')
    const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _lanewise 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`
    const lines = run('bash', ['--norc'], `${await script('bash')}\n${ask}\n`)
    return lines.split('\n').filter((line) => line !== '')
  }

  it('offers every verb', async () => {
    assert.deepEqual(await offered(['lanewise', '']), [...Object.keys(VERBS), 'help', '--help', '--version'])
    assert.deepEqual(await offered(['lanewise', 'insp']), ['inspect'])
    assert.deepEqual(await offered(['lanewise', 'help', 'rep']), ['replay'])
  })

  it('offers the options of the verb', async () => {
    assert.deepEqual(await offered(['lanewise', 'inspect', 'a.pcap', '--']), [
      '--as-one',
      '--separate',
      '--sort',
      '--format',
      '--quiet',
      '--help',
    ])
    assert.deepEqual(await offered(['lanewise', 'compare', '--ref']), ['--reference'])
    assert.deepEqual(await offered(['lanewise', 'compare', '--nat']), [])
  })

  it('offers what an option takes: policies, formats, choices', async () => {
    assert.deepEqual(await offered(['lanewise', 'compare', '-p', '']), [...policies.keys()])
    assert.deepEqual(await offered(['lanewise', 'replay', '--policy', 'flow']), ['flow-pinned', 'flowlet'])
    const formats = ['table', 'json', 'csv', 'markdown']
    assert.deepEqual(await offered(['lanewise', 'compare', 'a.pcap', '-f', '']), formats)
    assert.deepEqual(await offered(['lanewise', 'compare', '--format', '=', 'j']), ['json'])
    assert.deepEqual(await offered(['lanewise', 'compare', '--format', '=']), formats)
    assert.deepEqual(await offered(['lanewise', 'list', '-f', '']), ['table', 'json'])
    assert.deepEqual(await offered(['lanewise', 'replay', '--work', '']), [
      'model',
      'none',
      'aes-256-gcm',
      'chacha20-poly1305',
    ])
    assert.deepEqual(await offered(['lanewise', 'measure', '--order', '']), ['file', 'time'])
    assert.deepEqual(await offered(['lanewise', 'list', 'p']), ['policies'])
    assert.deepEqual(await offered(['lanewise', 'completion', '']), ['bash', 'zsh', 'fish'])
  })

  it('offers what comes with lanewise by name, beside files', async () => {
    const named = ['@full-queues', '@office', '@ten-net', '@voice']
    assert.deepEqual(await offered(['lanewise', 'inspect', '']), named)
    assert.deepEqual(await offered(['lanewise', 'measure', '--sent', '']), named)
    // Readline makes two words of @office, and puts what is offered in place of both.
    assert.deepEqual(await offered(['lanewise', 'inspect', '@']), named)
    assert.deepEqual(await offered(['lanewise', 'tune', '@', 'of']), ['@office'])
    assert.deepEqual(await offered(['lanewise', 'measure', '--received', '@', 'vo']), ['@voice'])
    assert.deepEqual(await offered(['lanewise', 'compare', '@', '02']), ['@02-spray-breaks-udp'])
  })

  it('leaves files to bash, and numbers to the user', async () => {
    const text = await script('bash')
    assert.match(text, /'compare --calibration'\) words='' ;;/)
    assert.match(text, /'compare -r'\|'compare --runs'\) words=''; compopt \+o default/)
    assert.match(text, /'plot '\*\)\n.*else words=''; fi ;;/)
    assert.match(text, /'list '\*\)\n.*; compopt \+o default 2>\/dev\/null; fi ;;/)
  })
})

describe('lanewise completion zsh', skipWithout('zsh'), () => {
  it('is a script that zsh takes, for lanewise', async () => {
    const lines = run(
      'zsh',
      ['-f'],
      `autoload -U compinit; compinit -u -D\n${await script('zsh')}\nprint $_comps[lanewise]\n`,
    )
    assert.equal(lines, '_lanewise\n')
  })

  it('describes verbs and hands the options of one to _arguments', async () => {
    // zsh completes only in its line editor: these stand for the editor's functions.
    const stubs = 'compdef() { }\n_describe() { print -rl $verbs }\n_arguments() { print -rl -- "$@" }\n'
    const ask = (words: string) => `words=(${words}); CURRENT=$#words; _lanewise\n`
    const verbs = run('zsh', ['-f'], `${stubs}${await script('zsh')}${ask("lanewise ''")}`)
    assert.match(verbs, /^compare:simulate several policies on the same packets$/m)
    const options = run('zsh', ['-f'], `${stubs}${await script('zsh')}${ask("lanewise compare ''")}`).split(
      '\n',
    )
    assert.ok(
      options.includes('*--format=[stdout: table, json, csv or markdown]:value:(table json csv markdown)'),
    )
    assert.ok(options.includes('*-d+[stop the source here, such as 10s]:value: '))
    assert.ok(
      options.includes(
        "*--calibration=[a machine's own service times instead of the scenario's (from replay)]:value:_files",
      ),
    )
    assert.ok(options.includes('*-q[no progress and no hints on stderr]'))
    assert.match(
      options.join('\n'),
      /^\*:argument: _alternative ".*\(@full-queues @office .*@reference\)" "files/m,
    )
    assert.match(
      options.join('\n'),
      /^\*-p\+\[.*\]:value: _alternative "words\\:value\\:\(any-idle .*\)" "files\\:file\\:_files"$/m,
    )
  })
})

describe('lanewise completion fish', skipWithout('fish'), () => {
  async function offered(line: string): Promise<string[]> {
    const text = run('fish', ['--no-config', '-c', `${await script('fish')}\ncomplete -C '${line}'`], '')
    return text
      .split('\n')
      .filter((one) => one !== '')
      .map((one) => one.split('\t')[0]!)
  }

  it('offers verbs, options, policies, formats and files', async () => {
    assert.deepEqual((await offered('lanewise ')).sort(), [...Object.keys(VERBS), 'help'].sort())
    assert.deepEqual(await offered('lanewise compare --ref'), ['--reference'])
    assert.deepEqual((await offered('lanewise compare a.pcap -f ')).sort(), [
      'csv',
      'json',
      'markdown',
      'table',
    ])
    assert.deepEqual(await offered('lanewise compare -p flow-p'), ['flow-pinned'])
    assert.deepEqual((await offered('lanewise compare packag')).sort(), ['package-lock.json', 'package.json'])
    assert.deepEqual(await offered('lanewise list packag'), [])
  })
})
