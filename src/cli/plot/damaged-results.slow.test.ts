/**
 * Whatever is changed in a saved file, every verb that reads it gives exit code 0, 1 or 2 and at most one
 * line, never a stack.
 */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { partOfScenario } from '../../node/calibration-file.testing.ts'
import { randomStream } from '../../sim/random.ts'
import { runProgram } from '../run-program.testing.ts'

const TIMES = Number(process.env.LANEWISE_DAMAGES ?? 30)
const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-damaged-'))
const start = process.cwd()
const run = (words: string) => runProgram(words.split(' '))
const commands = {
  compared: 'compare small.yaml',
  scanned: 'compare small.yaml -P lanes.count=1:3:1',
  tuned: 'tune small.yaml --points 3 --ttl 1ms:10ms -p flow-pinned',
  replayed: 'replay small.yaml --loopback --repeat 1',
}
before(async () => {
  process.chdir(folder)
  writeFileSync(
    'small.yaml',
    `source: { synthetic: { packetsPerSecond: 2000, flows: { count: 5 }, sizes: { fixed: 300B } } }
lanes: { count: 2, service: { fixed: 100us, perByte: 0ns, jitter: { exponential: { mean: 200us } } } }
policies: [round-robin, hash]
duration: 100ms
warmup: 0s
runs: 2
`,
  )
  for (const [place, command] of Object.entries(commands)) {
    const { stderr } = await run(`${command} ${place === 'replayed' ? '' : '-j 1 '}-q -o ${place}`)
    assert.doesNotMatch(stderr, /defect/)
  }
})
after(() => {
  process.chdir(start)
  rmSync(folder, { recursive: true })
})

const random = randomStream(17, 0, 'damages')
const below = (count: number) => Math.floor(random() * count)
const oddities: readonly unknown[] = [null, [], {}, [{}], [null], '', 'x', -1, 0, 0.5, 1e308, -1e308, true, 'NaN', { mean: null }] // biome-ignore format: a row

/** Puts something else in the place of one value, takes it out, or doubles it. */
function damaged(value: unknown): unknown {
  const whole = structuredClone(value)
  const places: [holder: Record<string, unknown>, key: string][] = []
  const collect = (holder: unknown) => {
    if (typeof holder !== 'object' || holder === null) return
    for (const key of Object.keys(holder)) {
      places.push([holder as Record<string, unknown>, key])
      collect((holder as Record<string, unknown>)[key])
    }
  }
  collect(whole)
  // Shallow places are few, and matter more.
  const few = places.slice(0, 1 + below(places.length))
  const [holder, key] = few[below(few.length)]!
  const how = below(4)
  if (how === 0 && Array.isArray(holder)) holder.splice(Number(key), 1)
  else if (how === 0) delete holder[key]
  else if (how === 1 && Array.isArray(holder)) holder.push(structuredClone(holder[0]))
  else holder[key] = oddities[below(oddities.length)]
  return whole
}

async function check(words: string, what: () => string): Promise<void> {
  const { exitCode, stderr } = await run(words)
  const lines = stderr === '' ? 0 : stderr.trimEnd().split('\n').length
  assert.ok([0, 1, 2].includes(exitCode), `${exitCode}: ${what()}`)
  assert.ok(lines <= 1 && !/defect of lanewise|^ +at /m.test(stderr), `${stderr}\n${what()}`)
  assert.ok(exitCode === 0 || lines === 1, `${exitCode} without a word: ${what()}`)
}

for (const place of Object.keys(commands)) {
  test(`plot of what ${place} saved, anything changed in report.json`, async () => {
    const text = readFileSync(`${place}/report.json`, 'utf8')
    cpSync(place, `${place}-2`, { recursive: true })
    rmSync(`${place}-2/provenance.json`)
    const value = JSON.parse(text)
    for (let time = 0; time < TIMES; time++) {
      const changed = JSON.stringify(damaged(value))
      writeFileSync(`${place}-2/report.json`, changed)
      const kept = () => {
        const file = path.join(tmpdir(), `damaged-${place}.json`)
        writeFileSync(file, changed)
        return file
      }
      await check(`plot ${place}-2 -q -o page.html`, kept)
      await check(`plot ${place}-2 -q -f vl.json -o charts-${place}`, kept)
      // With its provenance the same file is refused at once.
      if (changed !== JSON.stringify(value)) {
        writeFileSync(`${place}-2/provenance.json`, readFileSync(`${place}/provenance.json`))
        const { exitCode, stderr } = await run(`plot ${place}-2 -q -o page.html`)
        assert.equal(exitCode, 1)
        assert.match(stderr, /^\S+report\.json: isn't the file that provenance\.json is about, .*\n$/)
        rmSync(`${place}-2/provenance.json`)
      }
    }
  })
}

test('plot of tables in which bytes were changed, and of any provenance', async () => {
  cpSync('compared', 'tables', { recursive: true })
  const whole = readFileSync('compared/provenance.json', 'utf8')
  for (let time = 0; time < TIMES; time++) {
    rmSync('tables/provenance.json', { force: true })
    for (const name of ['flows.csv', 'distributions.csv']) {
      const text = readFileSync(`compared/${name}`, 'utf8')
      const at = below(text.length)
      const byte = [',', '\n', '"', '-', 'x', '', '9'.repeat(400)][below(7)]!
      writeFileSync(`tables/${name}`, text.slice(0, at) + byte + text.slice(at + below(3)))
    }
    await check('plot tables -q -o page.html', () => 'tables')
    rmSync('tables/flows.csv')
    rmSync('tables/distributions.csv')
    writeFileSync('tables/provenance.json', JSON.stringify(damaged(JSON.parse(whole))))
    await check('plot tables -q -o page.html', () => 'provenance')
    writeFileSync('tables/provenance.json', whole.slice(0, below(whole.length)))
    await check('plot tables -q -o page.html', () => 'provenance, cut off')
  }
})

test('plot of a packet trace in which bytes were changed', async () => {
  await run('compare small.yaml -j 1 -q -o traced --trace whole.csv')
  const text = readFileSync('whole.csv', 'utf8')
  for (let time = 0; time < TIMES; time++) {
    // Early ones are shown.
    const at = below(time % 2 === 0 ? 2000 : text.length)
    const byte = [',', '\n', '"', '-', 'x', '', '9'.repeat(400)][below(7)]!
    writeFileSync('trace.csv', text.slice(0, at) + byte + text.slice(at + below(3)))
    await check('plot traced trace.csv -q -o page.html', () => `trace at ${at}: ${byte}`)
  }
})

test('compare with any calibration', async () => {
  const kind = 'lanewise calibration'
  const measured = {
    recordedFrom: { scenario: 'a', policy: 'hash', topology: 'dispatcher', lanes: 2, packets: 9, idleStarts: 5, busyStarts: 4, stalls: 0 }, // biome-ignore format: a row
    service: { perByteNs: 1, lanes: [{ idleNs: [1000, 2000], busyNs: [1000] }] },
    stalls: [{ lanes: [0], perSecond: 1, lengthNs: [1000] }],
    reader: { perPacketNs: 100, afterSendNsP50: null },
    delivery: { afterFinishNsP50: 5 },
  }
  const part = partOfScenario({
    reader: { perPacket: '1us' },
    lanes: { service: { fixed: '5us', jitter: { empirical: { values: ['1us', '9us'] } } }, speed: [1, 2] },
    cores: { count: 2 },
    link: { delay: '1ms' },
  })
  const whole = [{ kind, schemaVersion: 1, ...measured }, { kind, schemaVersion: 2, measured }, part]
  for (let time = 0; time < TIMES; time++) {
    const text = JSON.stringify(damaged(whole[time % whole.length]))
    writeFileSync('calibration.json', text)
    const { exitCode, stderr } = await run('compare small.yaml -j 1 -r 1 -d 5ms -q -o calibrated --calibration calibration.json') // biome-ignore format: a line
    assert.ok([0, 1, 2].includes(exitCode) && !/defect|^ +at /m.test(stderr), `${stderr} ${text}`)
  }
})
