/** --prometheus and --junit through the command line, read back by strict readers. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Measurement } from '../../measure/measurement.ts'
import { junitXml } from '../../report/exports/junit.ts'
import { measurementPrometheus } from '../../report/exports/prometheus.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'
import { measure } from './command.testing.ts'

ownFolder('exports')

// 1 3 2 4 5 6 8 9 10: 7 is lost, 2 comes one late.
const rows = [1, 3, 2, 4, 5, 6, 8, 9, 10].map((number, i) => `${number},${i * 1_000_000}`)
writeFileSync('arrivals.csv', `sequence,receivedNs\n${rows.join('\n')}\n`)

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\{(.*)\} (\S+)$/s
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y

/** The exposition format, strictly: HELP, TYPE and the samples of each name together, each series once. */
function samplesOf(text: string): Map<string, number> {
  assert.ok(text.endsWith('\n'))
  const samples = new Map<string, number>()
  const families = new Set<string>()
  let current = ''
  const lines = text.slice(0, -1).split('\n')
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('# HELP ')) {
      const [, name] = /^# HELP (\S+) (?:[^\\]|\\\\|\\n)*$/s.exec(line) ?? assert.fail(line)
      assert.match(name!, NAME)
      assert.ok(!families.has(name!), name)
      families.add(name!)
      current = name!
      assert.equal(lines[i + 1], `# TYPE ${name} gauge`)
    } else if (!line.startsWith('# TYPE ')) {
      const [, name, labels, value] = SAMPLE.exec(line) ?? assert.fail(line)
      assert.equal(name, current)
      LABEL.lastIndex = 0
      const seen: string[] = []
      while (LABEL.lastIndex < labels!.length) {
        const [, label] = LABEL.exec(labels!) ?? assert.fail(line)
        seen.push(label!)
      }
      assert.equal(new Set(seen).size, seen.length)
      const series = `${name}{${labels!.replace(/capture="(?:[^"\\]|\\.)*",?/s, '')}}`
      assert.ok(!samples.has(series), series)
      assert.ok(/^([+-]?Inf|[-+0-9.e]+)$/.test(value!), value)
      samples.set(series, Number(value))
    }
  }
  return samples
}

test('--prometheus writes every figure in base units, whole or not at all', async () => {
  const { exitCode, stderr } = await measure('arrivals.csv -q --max-reordered 5% --prometheus out.prom')
  assert.equal(exitCode, 1, stderr)
  const samples = samplesOf(readFileSync('out.prom', 'utf8'))
  assert.equal(samples.get('lanewise_packets{state="sent"}'), 10)
  assert.equal(samples.get('lanewise_packets{state="arrived"}'), 9)
  assert.equal(samples.get('lanewise_packets{state="lost"}'), 1)
  assert.equal(samples.get('lanewise_reordered_ratio{}'), 1 / 9)
  // 2 came 1 ms after 3.
  assert.equal(samples.get('lanewise_late_time_max_seconds{}'), 0.001)
  assert.equal(samples.get('lanewise_n_reordering_ratio{index="1"}'), 1 / 9)
  assert.equal(samples.get('lanewise_gate_kept{gate="reordered"}'), 0)
  assert.ok([...samples.values()].every((value) => !Number.isNaN(value)))
  assert.deepEqual(
    readdirSync('.').filter((name) => name.includes('.part')),
    [],
  )
  const promtool = spawnSync('promtool', ['check', 'metrics'], { input: readFileSync('out.prom') })
  if (promtool.error === undefined) assert.equal(promtool.status, 0, String(promtool.stderr))
})

test('any title, gate or metric is a label that reads back', async () => {
  const { stdout } = await runProgram(['measure', 'arrivals.csv', '-q', '-f', 'json'])
  const made = JSON.parse(stdout) as Measurement
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (title) => {
      samplesOf(measurementPrometheus({ ...made, title }))
    }),
    { seed: 5, numRuns: 200 },
  )
  const text = measurementPrometheus({ ...made, title: 'a"b\\c\nd' })
  assert.ok(text.includes('capture="a\\"b\\\\c\\nd"'))
})

const python = spawnSync('python3', ['-c', 'import xml.etree.ElementTree']).status === 0
/** As an XML parser that is not ours reads it: suite, tests, failures, names of cases, texts of failures. */
function parsed(xml: string): unknown {
  const script = `
import json, sys, xml.etree.ElementTree as E
suite = E.fromstring(sys.stdin.buffer.read()).find('testsuite')
cases = suite.findall('testcase')
failed = [one.find('failure') for one in cases]
print(json.dumps([suite.get('name'), suite.get('tests'), suite.get('failures'),
  [one.get('name') for one in cases], [one.text for one in failed if one is not None]]))`
  const { stdout, stderr, status } = spawnSync('python3', ['-c', script], { input: xml })
  assert.equal(status, 0, String(stderr))
  return JSON.parse(String(stdout))
}
const skip = python ? false : 'python3 is not there'

test('--junit has a case per gate, and a failure where one is not kept', { skip }, async () => {
  const gates = '--max-reordered 5% --max-lost 20% --junit gates.xml'
  const { exitCode } = await measure(`arrivals.csv -q ${gates}`)
  assert.equal(exitCode, 1)
  assert.deepEqual(parsed(readFileSync('gates.xml', 'utf8')), [
    'arrivals.csv',
    '2',
    '1',
    ['reordered', 'lost'],
    ['gate reordered: 11.1111 % <= 5 %: FAILED'],
  ])
})

test("a comparison's gates are cases too", { skip }, async () => {
  const words = 'compare @office -d 1s -r 2 -q -p hash -p round-robin --max-reordered 1% --junit c.xml'
  const { exitCode } = await runProgram(words.split(' '))
  assert.equal(exitCode, 1)
  const [, tests, failures, names] = parsed(readFileSync('c.xml', 'utf8')) as string[]
  assert.deepEqual([tests, failures, names], ['2', '1', ['reordered, hash', 'reordered, round-robin']])
})

test('whatever names hold, the report is XML', { skip }, () => {
  const hostile = ['a&b<c>"d\'', '\u0000\u001b[31m', ']]>', '\ud800x', '\ufffe', 'tab\tline\nend', '𝄞 é']
  const cases = hostile.map((name) => ({ name, text: name, isKept: false }))
  const [suite, , , names, texts] = parsed(junitXml(hostile.join(''), cases)) as string[][]
  const safe = ['a&b<c>"d\'', '\ufffd\ufffd[31m', ']]>', '\ufffdx', '\ufffd', 'tab\tline\nend', '𝄞 é']
  assert.deepEqual([suite, names, texts], [safe.join(''), safe, safe])
})

test('what cannot be written is said before the work, and nothing is', async () => {
  for (const [words, code, line] of [
    [
      '--prometheus out.txt',
      2,
      '--prometheus out.txt: the textfile collector reads no other name - name a file.prom',
    ],
    [
      '--junit x.xml',
      2,
      '--junit x.xml: there is no gate to write - add a limit, such as --max-reordered 0.1%',
    ],
    [
      '--prometheus missing/x.prom',
      1,
      "--prometheus missing/x.prom: can't be written, its folder doesn't exist - create the folder first",
    ],
  ] as const) {
    const { exitCode, stderr } = await measure(`arrivals.csv -q -o never ${words}`)
    assert.deepEqual([exitCode, stderr], [code, `${line}\n`])
  }
  assert.equal(existsSync('never'), false)
  const one = await measure('@full-queues -q --prometheus v.prom')
  assert.deepEqual(
    [one.exitCode, one.stderr],
    [2, '--prometheus v.prom: one capture gives no figures - give both sides: --sent, --received\n'],
  )
  const scan = await runProgram(
    'compare @office -P lanes.count=1:2:1 --max-drops 1% --junit s.xml'.split(' '),
  )
  assert.equal(scan.exitCode, 2)
  assert.match(scan.stderr, /^--junit s\.xml: not with a scan/)
})
