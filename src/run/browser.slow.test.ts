/**
 * The core in a browser: bundled without a stub, it gives in a Web Worker of headless Chromium what it
 * gives in Node, to the byte, though their Math differs.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import type { Browser } from 'playwright-core'
import { repository } from '../built.testing.ts'
import { distributions } from '../sim/distributions/index.ts'
import { arrivalProcesses } from '../traffic/synthetic/index.ts'
import { runOf, type Task } from './anywhere.testing.ts'

/** What the page has of a worker; the types here are Node's. */
interface PageWorker {
  onmessage: (event: { data: { text?: string; error?: string } }) => void
  onerror: (event: { message: string }) => void
  postMessage(sent: Task): void
}

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const skip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not there: apt-get install chromium`
const scenarios = path.join(repository, 'scenarios')

/** A distribution's parameters, for one of each. */
const times: Readonly<Record<string, string>> = {
  constant: '20us',
  uniform: '{ low: 1us, high: 40us }',
  exponential: '{ mean: 20us }',
  lognormal: '{ median: 15us, sigma: 0.8 }',
  gamma: '{ mean: 20us, shape: 0.7 }',
  weibull: '{ shape: 0.8, scale: 18us }',
  pareto: '{ minimum: 8us, shape: 1.6 }',
  empirical: '{ values: [5us, 20us, 90us] }',
  mixture: '[{ weight: 9, constant: 10us }, { weight: 1, exponential: { mean: 90us } }]',
}
const arrivals: Readonly<Record<string, string>> = {
  poisson: '{}',
  periodic: '{}',
  'on-off': '{ on: 5ms, off: 15ms }',
  'pareto-on-off': '{ on: 5ms, off: 15ms, shape: 1.5 }',
  'markov-modulated': '{ states: [{ rate: 1, sojourn: 10ms }, { rate: 5, sojourn: 3ms }] }',
}

const synthetic = (name: string, jitter: string, process: string): Task => ({
  name: `${name}.yaml`,
  text: `
source:
  synthetic: { packetsPerSecond: 60000, arrivals: ${process}, flows: { count: 50, popularity: { zipf: { exponent: 1.1 } } } }
lanes: { service: { fixed: 5us, jitter: ${jitter} } }
policies: [any-idle, round-robin, hash, rendezvous, flow-pinned]
duration: 300ms
`,
})

function tasks(): Task[] {
  const numbered = readdirSync(scenarios).filter((file) => file.endsWith('.yaml'))
  const written = numbered.map((file) => ({
    name: file,
    text: readFileSync(path.join(scenarios, file), 'utf8'),
  }))
  const captures = ['office', 'voice'].map((name) => ({
    name: `${name}.yaml`,
    text: `source: { capture: ${name}.pcap }`,
    capture: gunzipSync(readFileSync(path.join(scenarios, 'captures', `${name}.pcap.gz`))).toString('base64'),
  }))
  return [
    ...written.filter(({ text }) => /^ *synthetic:/m.test(text)),
    ...captures,
    ...Object.entries(times).map(([name, given]) => synthetic(name, `{ ${name}: ${given} }`, 'poisson')),
    ...Object.entries(arrivals).map(([name, given]) =>
      synthetic(
        name,
        '{ lognormal: { median: 9us, sigma: 1 } }',
        given === '{}' ? name : `{ ${name}: ${given} }`,
      ),
    ),
  ]
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
let browser: Browser | undefined
let bundle = ''
let metafile: Metafile

before(async () => {
  const built = await build({
    entryPoints: [path.join(repository, 'src/run/anywhere.testing.ts')],
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'core',
    logLevel: 'silent',
  })
  bundle = built.outputFiles[0]!.text
  metafile = built.metafile
  if (skip !== false) return
  const { chromium } = await import('playwright-core')
  const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking']
  browser = await chromium.launch({ executablePath: CHROMIUM, args: flags })
})
after(() => browser?.close())

test('the core bundles for a browser without a stub', (context) => {
  const inputs = Object.keys(metafile.inputs)
  // seedrandom's package.json says that it does without node:crypto in a browser.
  const stubs = inputs.filter((input) => input.startsWith('(disabled)') && !/seedrandom|crypto/.test(input))
  assert.deepEqual(stubs, [])
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`
  const sizes = `${kilobytes(bundle.length)}, ${kilobytes(gzipSync(bundle).length)} gzipped`
  context.diagnostic(`bundle of the core: ${sizes}`)
})

test('there is a case of every distribution and arrival process', () => {
  assert.deepEqual(Object.keys(times).toSorted(), [...distributions.keys()].toSorted())
  assert.deepEqual(Object.keys(arrivals).toSorted(), [...arrivalProcesses.keys()].toSorted())
})

test('a Web Worker gives what Node gives, to the byte', { skip }, async (context) => {
  const tab = await browser!.newPage()
  const code = `${bundle}
onmessage = async ({ data }) => {
  try { postMessage({ text: await core.runOf(data) }) } catch (error) { postMessage({ error: String(error.stack) }) }
}`
  await tab.evaluate((text) => {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
    const page = globalThis as unknown as { Worker: new (url: string) => PageWorker; worker: PageWorker }
    page.worker = new page.Worker(url)
  }, code)
  let compared = 0
  for (const task of tasks()) {
    const found = await tab.evaluate(
      (sent) =>
        new Promise<{ text?: string; error?: string }>((resolve) => {
          const { worker } = globalThis as unknown as { worker: PageWorker }
          worker.onmessage = ({ data }) => resolve(data)
          worker.onerror = ({ message }) => resolve({ error: message })
          worker.postMessage(sent)
        }),
      task,
    )
    assert.equal(found.error, undefined, task.name)
    const here = await runOf(task)
    assert.ok(here.length > 1000, task.name)
    for (const { error } of JSON.parse(here).policies) assert.equal(error, null, task.name)
    assert.equal(sha256(found.text!), sha256(here), task.name)
    compared++
  }
  assert.ok(compared >= 24, `${compared}`)
  context.diagnostic(`${compared} runs compared`)
})
