/**
 * Text from outside that a terminal would obey, or that can't be seen, in every place that verbs take text
 * from: on neither stream does it come out as it went in, with a terminal or without, in any format.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ethernet, ipv4, pcap, udp } from '../traffic/capture/captures.testing.ts'
import { program } from './program.ts'

/** Colour that we never use, a title, CR, BS, C1, directions of writing, zero width, separators, a tab. */
const HOSTILE = '\u001b[35mX\u001b]0;own\u0007\r\b\u009b2J\u202e\u2066\u200b\u200d\ufeff\u2028\u2029\t\u007f'
const HIDDEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
/** What tables may use on a terminal: bold, dim, red, green, yellow, and their ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: SGR codes begin with one
const OUR_STYLE = /\u001b\[(?:1|2|22|31|32|33|39)m/g
const ESCAPED = /\\x1b\[35m|\\u001b\[35m|\\x1b\\\[35m/

const folder = mkdtempSync(join(tmpdir(), 'lanewise-hostile-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function run(argv: readonly string[], isTTY: boolean): Promise<string> {
  let all = ''
  const output = {
    isTTY,
    columns: 100,
    write(text: string) {
      all += text
    },
  }
  const { signal } = new AbortController()
  await program({ argv, stdout: output, stderr: output, env: { CI: '1' }, signal })
  return all
}

/** Nothing hostile comes out; and it does come out, as an escape. */
async function check(argv: readonly string[], outputs = [false, true]): Promise<void> {
  for (const isTTY of outputs) {
    const all = await run(argv, isTTY)
    const rest = isTTY ? all.replaceAll(OUR_STYLE, '') : all
    const found = HIDDEN.exec(rest)
    const around = found && JSON.stringify(rest.slice(Math.max(0, found.index - 60), found.index + 40))
    assert.equal(around, null, `${JSON.stringify(argv)}, terminal: ${isTTY}`)
    assert.match(all, ESCAPED, JSON.stringify(argv))
  }
}

/** As JSON, YAML and JavaScript write it. */
const quoted = JSON.stringify(HOSTILE).replaceAll(/[^ -~]/g, (character) => {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
})
const traffic = 'source: { synthetic: { packetsPerSecond: 20000 } }\nduration: 20ms\nruns: 2'
const scenario = file(
  'title.yaml',
  `title: ${quoted}\n${traffic}\npolicies: [hash, round-robin]\nseed: ${quoted}\n`,
)
const frame = ethernet(0x0800, ipv4(17, udp(1, 2, 1000)))
const records = Array.from({ length: 40 }, (_, i) => ({ seconds: 1, fraction: 1000 * i, frame }))
const capture = file(`c${HOSTILE}.pcap`, pcap(records))
const copy = file(`copy${HOSTILE}.pcap`, pcap(records))
const arrivals = file(
  `a${HOSTILE}.csv`,
  `sequence,flow,extra${HOSTILE.replace('\t', '')}\n${[1, 3, 2, 4].map((n) => `${n},"f${HOSTILE}"\n`).join('')}`,
)
const out = (name: string) => ['-o', join(folder, 'out', `${name}${HOSTILE}`)]
mkdirSync(join(folder, 'out'))

const FORMATS = ['table', 'markdown', 'json', 'csv']

test('compare shows a hostile title, seed and folder as escapes, in every format', async () => {
  for (const format of FORMATS) await check(['compare', scenario, '-j', '1', '-f', format, ...out('compare')])
  await check(['compare', scenario, '-j', '1', '-v', '--max-p99', '1ns', '-p', 'hash', ...out('gates')])
})

test('JSON on stdout and in files holds the same values', async () => {
  const results = join(folder, 'json')
  const { title } = JSON.parse(
    await run(['compare', scenario, '-j', '1', '-q', '-f', 'json', '-o', results], true),
  )
  assert.equal(title, HOSTILE)
  const saved = readFileSync(join(results, 'report.json'), 'utf8')
  assert.equal(JSON.parse(saved).title, HOSTILE)
  assert.doesNotMatch(saved, HIDDEN)
})

test('a scan does, its values included', async () => {
  const scan = ['--scan-list', 'lanes.count=2,3', '-j', '1']
  for (const format of FORMATS) await check(['compare', scenario, ...scan, '-f', format, ...out('scan')])
})

test('tune does', async () => {
  const more = ['-p', 'flow-pinned', '--points', '2', '--no-check', '-j', '1', '-r', '1']
  for (const format of FORMATS) await check(['tune', scenario, ...more, '-f', format, ...out('tune')])
})

test('what a policy throws, remarks and counts is shown as escapes', async () => {
  const says = (name: string, body: string) =>
    file(`${name}.mjs`, `export const policy = { name: '${name}', create: () => (${body}) }\n`)
  const choose = 'choose: () => 0'
  const modules = [
    says('throws', `{ name: 'throws', choose() { throw new Error(${quoted}) } }`),
    says('remarks', `{ name: 'remarks', ${choose}, remarks: () => [${quoted}] }`),
    says('counts', `{ name: 'counts', ${choose}, counters: () => ({ ${quoted}: 1 }) }`),
    says('objects', `{ name: 'objects', choose: () => ({ constructor: { name: ${quoted} } }) }`),
  ]
  for (const module of modules) {
    const argv = ['compare', '@02', '-d', '20ms', '-r', '1', '-j', '1', '-v', '-p', module]
    for (const format of ['table', 'json']) await check([...argv, '-f', format, ...out('policy')])
  }
  await check(['compare', '@02', '-p', file('broken.mjs', `throw new Error(${quoted})\n`)])
})

test('names of captures are, by every verb that reads one', async () => {
  const short = ['-r', '1', '-j', '1']
  for (const format of FORMATS) {
    await check(['inspect', capture, '-f', format])
    await check(['compare', capture, ...short, '-f', format, ...out('capture')])
  }
  await check(['inspect', capture, `${capture}.missing`])
  await check(['compare', capture, capture, '--separate', ...short, ...out('separate')])
  for (const format of ['text', 'json']) await check(['diagnose', capture, '-f', format], [false])
  for (const format of ['table', 'markdown', 'json']) {
    await check(['measure', '--sent', capture, '-f', format])
    await check(['measure', '--sent', capture, '--received', copy, '-f', format, ...out('both')])
  }
})

test('measure shows the flows and columns of a CSV as escapes', async () => {
  for (const format of FORMATS) await check(['measure', arrivals, '-f', format, ...out('measure')])
  await check(['measure', file('number.csv', `sequence\n1\n${HOSTILE}\n`)])
  await check(['measure', file('header.csv', `sequence${HOSTILE.replace('\t', '')}\n1\n`)])
})

test('replay shows them in its tables and lines', async () => {
  const short = ['-p', 'hash', '--set', 'warmup=0s', '--limit', '20', '--repeat', '1', '--no-predict']
  await check(['replay', scenario, '--loopback', '-v', ...short, ...out('replay')], [true])
})

test('mistakes are said with escapes, each on one line', async () => {
  const line = `${HOSTILE}\nhash reordered nothing`
  const calibration = file('calibration.json', JSON.stringify({ [HOSTILE]: 1 }))
  const commands = [
    [line],
    ['compare', line],
    ['compare', `--${line}`],
    ['compare', scenario, '-p', line],
    ['compare', scenario, '--set', line],
    ['compare', scenario, '--set', `${line}=1`],
    ['compare', scenario, '--set', `duration=${line}`],
    ['compare', scenario, '--scan', line],
    ['compare', scenario, '-f', line],
    ['compare', scenario, '-j', line],
    ['compare', scenario, '--trace', line],
    ['compare', scenario, '--max-p99', line],
    ['compare', scenario, '--gate', line, '--max-p99', '1s'],
    ['compare', scenario, '--calibration', line],
    ['compare', scenario, '--calibration', calibration],
    ['compare', file('key.yaml', `${quoted}: 1\n${traffic}\npolicies: [hash]\n`)],
    ['compare', file('policy.yaml', `${traffic}\npolicies: [${quoted}]\n`)],
    ['compare', file('quantity.yaml', `${traffic}\npolicies: [hash]\nwarmup: ${quoted}\n`)],
    ['compare', file('capture.yaml', `source: { capture: ${quoted} }\npolicies: [hash]\n`)],
    ['compare', file('syntax.yaml', `a: [${HOSTILE}`)],
    ['tune', scenario, '--ttl', line],
    ['diagnose', scenario, '-f', line],
    ['inspect', line],
    ['replay', line, '--loopback'],
    ['list', line],
    ['list', 'policies', line],
    ['measure', line],
    ['measure', arrivals, '--rtt', line],
    ['plot', line],
    ['plot', folder, '--chart', line],
    ['completion', line],
  ]
  for (const argv of commands) {
    const said = await run(argv, false)
    assert.doesNotMatch(said, HIDDEN, JSON.stringify(argv))
    assert.doesNotMatch(said, /^hash reordered nothing/m, JSON.stringify(argv))
    assert.notEqual(said, '', JSON.stringify(argv))
  }
})

test('charts and the page of a hostile report are XML and text that nothing obeys', async () => {
  const results = join(folder, 'drawn')
  await run(['compare', scenario, '-j', '1', '-q', '-o', results], false)
  const charts = ['-f', 'svg,vl.json', '-o', join(folder, 'charts')]
  await run(['plot', results, '--chart', 'trade-off', ...charts], false)
  const page = join(folder, 'page.html')
  await run(['plot', results, '-o', page], false)
  const drawn = ['charts/trade-off.svg', 'charts/trade-off.vl.json'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  )
  // The scripts of the page are those of packages.
  const text = readFileSync(page, 'utf8').replaceAll(/<script>[\s\S]*?<\/script>/g, '')
  for (const one of [...drawn, text]) {
    assert.doesNotMatch(one, HIDDEN)
    assert.match(one, /\\x1b\[35m/)
  }
})
