/** Completion scripts, in the shells that they are for. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { describe, it } from 'node:test'
import { policies } from '../../policies/index.ts'
import { scenarioSchema } from '../../scenario/schema/schema.ts'
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

/** What a shell at a terminal runs when these keys are pressed, `lanewise` being a function that says it. */
function typed(shell: string, script: string, lines: readonly string[]): string[] {
  const said = 'lanewise() { printf "<%s>\\n" "$*"; }'
  const keys = `${lines.map((line) => `${line}\n`).join('')}exit\n`
  const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-completion-'))
  try {
    writeFileSync(path.join(folder, 'rc'), `PS1='$ '\n${script}\n${said}\n`)
    const start = shell === 'bash' ? 'bash --rcfile rc -i' : 'zsh -i'
    const zshrc = `autoload -U compinit; compinit -u -D\nsource ./rc\n`
    if (shell === 'zsh') writeFileSync(path.join(folder, '.zshrc'), zshrc)
    const { stdout } = spawnSync('script', ['-qec', start, '/dev/null'], {
      ...{ cwd: folder, input: keys, encoding: 'utf8', timeout: 60_000 },
      env: { ...process.env, ZDOTDIR: folder, TERM: 'dumb', HISTFILE: '' },
    })
    return [...stdout.matchAll(/^<(.*)>\r?$/gm)].map(([, words]) => words!)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Keys, and the words that the shell then hands over. */
const KEYS = [
  ['lanewise compare -p flow-pinned:as\tn\t', 'compare -p flow-pinned:assign=next'],
  ['lanewise compare -p flow-pinned:ttl=5s,cap\t8', 'compare -p flow-pinned:ttl=5s,capacity=8'],
  [
    'lanewise compare --set lanes.cou\t8 --set topo\tsh\t',
    'compare --set lanes.count=8 --set topology=shared',
  ],
  ['lanewise replay --work=ch\t', 'replay --work=chacha20-poly1305'],
  ['lanewise plot --chart tr\t-f svg,pn\t', 'plot --chart trade-off -f svg,png'],
  ['lanewise tune @of\t', 'tune @office'],
] as const

describe('lanewise completion bash', skipWithout('bash'), () => {
  /** What is offered for the last word: what readline puts behind the last : or = of it. */
  async function offered(line: string): Promise<string[]> {
    const words = `COMP_WORDBREAKS=' =:@' COMP_LINE='${line}' COMP_POINT=${line.length}`
    const ask = `${words}; _lanewise 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`
    const lines = run('bash', ['--norc'], `${await script('bash')}\n${ask}\n`)
    return lines.split('\n').filter((one) => one !== '')
  }

  it('offers every verb', async () => {
    assert.deepEqual(await offered('lanewise '), [...Object.keys(VERBS), 'help', '--help', '--version'])
    assert.deepEqual(await offered('lanewise insp'), ['inspect'])
    assert.deepEqual(await offered('lanewise help rep'), ['replay'])
  })

  it('offers the options of the verb', async () => {
    assert.deepEqual(await offered('lanewise inspect a.pcap --'), [
      '--as-one',
      '--separate',
      '--sort',
      '--format',
      '--quiet',
      '--help',
    ])
    assert.deepEqual(await offered('lanewise compare --ref'), ['--reference'])
    assert.deepEqual(await offered('lanewise compare --nat'), [])
  })

  it('offers what an option takes: policies, formats, choices', async () => {
    assert.deepEqual(await offered('lanewise compare -p '), [...policies.keys()])
    assert.deepEqual(await offered('lanewise replay --policy flow'), ['flow-pinned', 'flowlet'])
    const formats = ['table', 'json', 'csv', 'markdown']
    assert.deepEqual(await offered('lanewise compare a.pcap -f '), formats)
    assert.deepEqual(await offered('lanewise compare --format=j'), ['json'])
    assert.deepEqual(await offered('lanewise compare --format='), formats)
    assert.deepEqual(await offered('lanewise list -f '), ['table', 'json'])
    assert.deepEqual(await offered('lanewise replay --work '), [
      'model',
      'none',
      'aes-256-gcm',
      'chacha20-poly1305',
    ])
    assert.deepEqual(await offered('lanewise measure --order '), ['file', 'time'])
    assert.deepEqual(await offered('lanewise calibrate --as '), ['openvpn-fork'])
    assert.deepEqual(await offered('lanewise compare @02 --as='), ['openvpn-fork'])
    assert.deepEqual(await offered('lanewise calibrate --clock '), ['same', 'different'])
    assert.deepEqual(await offered('lanewise calibrate --policy any-idle:order='), [
      ...['lowest', 'longest', 'last-look'],
    ])
    assert.deepEqual(await offered('lanewise calibrate --cipher a'), ['aes-256-gcm'])
    assert.deepEqual(await offered('lanewise list p'), ['policies', 'presets'])
    assert.deepEqual(await offered('lanewise completion '), ['bash', 'zsh', 'fish', 'man'])
  })

  it('offers what comes with lanewise by name, beside files', async () => {
    const named = ['@full-queues', '@office', '@ten-net', '@voice']
    assert.deepEqual(await offered('lanewise inspect '), named)
    assert.deepEqual(await offered('lanewise measure --sent '), named)
    assert.deepEqual(await offered('lanewise inspect @'), named)
    assert.deepEqual(await offered('lanewise tune @of'), ['@office'])
    assert.deepEqual(await offered('lanewise measure --received @vo'), ['@voice'])
    assert.deepEqual(await offered('lanewise compare @02'), ['@02-spray-breaks-udp'])
    assert.deepEqual(await offered('lanewise calibrate '), ['@fork-mapping', '@fork-spray'])
  })

  it('offers parameters of policies and their values', async () => {
    const parameters = ['key=', 'ttl=', 'assign=', 'capacity=']
    assert.deepEqual(await offered('lanewise compare -p flow-pinned:'), parameters)
    assert.deepEqual(await offered('lanewise tune -p flow-pinned:ttl=5s,a'), ['5s,assign='])
    assert.deepEqual(await offered('lanewise compare --policy=flow-pinned:assign=least'), ['least-loaded'])
    assert.deepEqual(await offered('lanewise compare --reference flow-pinned:key=5'), ['5-tuple'])
    assert.deepEqual(await offered('lanewise compare -p round-robin:'), [])
  })

  it('offers every key of a scenario, and values that are words', async () => {
    const lanes = ['count', 'cores', 'timeSlice', 'speed', 'service.fixed', 'service.perByte']
    const keys = await offered('lanewise compare @02 --set lanes.')
    assert.deepEqual(
      keys.slice(0, 6),
      lanes.map((key) => `lanes.${key}=`),
    )
    assert.deepEqual(await offered('lanewise tune --set lanes.service.jitter.logn'), [
      'lanes.service.jitter.lognormal.median=',
      'lanes.service.jitter.lognormal.sigma=',
    ])
    assert.deepEqual(await offered('lanewise replay --set=topology=m'), ['multi-queue'])
    assert.deepEqual(await offered('lanewise compare -P lanes.co'), ['lanes.count=', 'lanes.cores='])
    assert.deepEqual(await offered('lanewise compare -L tunQueue.onFull=drop,'), ['drop,drop', 'drop,stop'])
    assert.deepEqual(await offered('lanewise compare -P lanes.count=1:'), [])
  })

  it('knows every key that a scenario has with all defaults filled in', async () => {
    const known = await offered('lanewise compare --set ')
    const sources = [{ capture: 'a.pcap' }, { synthetic: { packetsPerSecond: 1 } }]
    for (const source of sources) {
      const { policies: _, ...expanded } = scenarioSchema.parse({ source })
      for (const path of leavesOf(expanded)) assert.ok(known.includes(`${path}=`), path)
    }
  })

  it('offers charts, and lists of formats', async () => {
    assert.deepEqual(await offered('lanewise plot --chart lat'), ['latency-cdf', 'late-time-cdf'])
    assert.deepEqual(await offered('lanewise plot results -f svg,'), ['svg,svg', 'svg,png', 'svg,vl.json'])
    assert.deepEqual(await offered('lanewise measure --flows '), ['all'])
  })

  it('takes word breaks as the user has set them', async () => {
    const ask = `COMP_WORDBREAKS=' ' COMP_LINE='lanewise compare --policy=hash:k' COMP_POINT=32; _lanewise`
    const lines = run('bash', ['--norc'], `${await script('bash')}\n${ask} 2>/dev/null; echo $COMPREPLY\n`)
    assert.equal(lines, '--policy=hash:key=\n')
  })

  it('completes at a terminal what the keys say', skipWithout('script'), async () => {
    const words = typed('bash', await script('bash'), [...KEYS.map(([keys]) => keys)])
    assert.deepEqual(words, [...KEYS.map(([, words]) => words)])
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
    assert.ok(options.includes('*-d+[stop the source so long after the first packet, such as 10s]:value: '))
    assert.ok(
      options.includes(
        '*--calibration=[lanes as replay or calibrate found them (their file, or machine)]:value:_files',
      ),
    )
    assert.ok(options.includes('*-q[no progress and no hints on stderr]'))
    assert.match(
      options.join('\n'),
      /^\*:argument: _alternative ".*\(@full-queues @office .*@reference\)" "files/m,
    )
    assert.match(options.join('\n'), /^\*-p\+\[.*\]:value: _lanewise_policy$/m)
  })

  it('completes at a terminal what the keys say', skipWithout('script'), async () => {
    const words = typed('zsh', await script('zsh'), [...KEYS.map(([keys]) => keys)])
    assert.deepEqual(words, [...KEYS.map(([, words]) => words)])
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
  it('offers parameters, keys, charts and lists', async () => {
    assert.deepEqual(await offered('lanewise compare -p flow-pinned:ttl=5s,a'), [
      'flow-pinned:ttl=5s,assign=',
    ])
    assert.deepEqual(await offered('lanewise compare -p flow-pinned:assign=le'), [
      'flow-pinned:assign=least-loaded',
    ])
    assert.deepEqual(await offered('lanewise compare --set lanes.cou'), ['lanes.count='])
    assert.deepEqual(await offered('lanewise compare --set topology=m'), ['topology=multi-queue'])
    assert.deepEqual(await offered('lanewise compare -L tunQueue.onFull=drop,s'), [
      'tunQueue.onFull=drop,stop',
    ])
    assert.deepEqual(await offered('lanewise plot --chart trade'), ['trade-off'])
    assert.deepEqual(await offered('lanewise plot -f svg,p'), ['svg,png'])
  })
})

/** Paths of what isn't a map. */
function leavesOf(tree: object, path = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const whole = path === '' ? key : `${path}.${key}`
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isMap ? leavesOf(value, whole) : [whole]
  })
}
