/**
 * The simulator against every closed form that its metrics have (src/validation/models.testing.ts): simulates
 * each model with a million packets, ten million where delays at load 0.9 or above are judged, seed 1, and
 * prints a table with the distance in standard errors. Fails where one is four or more, and names it. The
 * simulations are spread over as many processes as the machine runs at once; the table is the same bytes with
 * any number of them.
 *
 *     npm run validate                       a few minutes
 *     npm run validate -- --update           ... and keeps the table in results/golden/validation.md
 *     npm run validate -- --packets 100000   a quick look, with a tenth of the packets
 */
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare, nameOf, type Row, rowText, Z_MAX, zOf, zText } from '../src/validation/compare.testing.ts'
import { allModels, type Model } from '../src/validation/models.testing.ts'

const golden = fileURLToPath(new URL('../results/golden/validation.md', import.meta.url))
const PACKETS = 1_000_000

const { values } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    packets: { type: 'string', default: `${PACKETS}` },
  },
})
const packets = Number(values.packets)

if (process.send === undefined) await main()
else {
  process.on('message', async (index: number) => {
    const model = allModels[index]!
    process.send!(await compare(model, packetsOf(model)))
  })
}

async function main(): Promise<void> {
  if (!Number.isInteger(packets / 100) || packets <= 0) {
    return complain(`--packets ${values.packets}: packets come in 100 batches - give a multiple of 100`, 2)
  }
  if (values.update && packets !== PACKETS) {
    return complain(`--update keeps the table of ${PACKETS} packets - leave out --packets`, 2)
  }
  const rows = (await allRows()).flat()
  const text = tableText(rows)
  process.stdout.write(text)
  if (values.update) writeFileSync(golden, text)
  for (const row of rows.filter((row) => !(Math.abs(zOf(row)) < Z_MAX))) {
    complain(`${nameOf(row)}: ${row.simulated} instead of ${row.expected}, z = ${zOf(row).toFixed(2)}`, 1)
  }
}

function complain(line: string, exitCode: number): void {
  process.stderr.write(`${line}\n`)
  process.exitCode = exitCode
}

function packetsOf(model: Model): number {
  return model.isSlow ? packets * 10 : packets
}

/** The rows of every model, in the models' order; the longest simulations begin first. */
async function allRows(): Promise<Row[][]> {
  const results: Row[][] = []
  const waiting = [...allModels.keys()].sort((a, b) => packetsOf(allModels[b]!) - packetsOf(allModels[a]!))
  let done = 0
  const serve = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2))
      let index: number | undefined
      const next = () => {
        index = waiting.shift()
        if (index === undefined) child.disconnect()
        else child.send(index)
      }
      child.on('message', (rows: Row[]) => {
        results[index!] = rows
        process.stderr.write(
          `${++done} of ${allModels.length}: ${rows.map(zText).join(' ')} ${nameOf(rows[0]!)}\n`,
        )
        next()
      })
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a process ended with ${code}`))))
      next()
    })
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), waiting.length) }, serve))
  return results
}

function tableText(rows: readonly Row[]): string {
  return `# The simulator against closed forms

Made by \`npm run validate -- --update\`, seed 1 for every row. Times are in units of the mean service time or delay;
load is per lane. The packets counted follow a warm-up of 5 % of each run.

- *P(...)* and *E[...]* are over all packets, *given reordered* over the reordered ones: a ratio of two sums.
- The standard error is that of 100 batches of consecutive deliveries: batch means, and for ratios the batch means of
  top - ratio x bottom over the mean of bottom.
- z is (simulated - closed form) / standard error; a row passes below ${Z_MAX}. A value that can't vary has to be exact.
- Rows share their seed, many also their simulation, so they are not independent: the root mean square of z scatters
  around 1 more widely than so many rows suggest.
- *held* and *resequencing delay* are of the same packets with \`release: { sequence: {} }\`.
- *RD[d]* (reorder density, displacement d) and *RBD[b]* (reorder buffer-occupancy density) of RFC 5236 with its
  thresholds DT and BT at 1024 packets (\`assume: { rfc5236: { thresholdPackets: 1024 } }\`), which no packet reaches.
  A displacement is decided up to DT packets after its packet and counts in the batch that decides it.

| model | parameters | quantity | packets | closed form | simulated | standard error | z |
| --- | --- | --- | --: | --: | --: | --: | --: |
${rows.map(rowText).join('\n')}

${summary(rows)}`
}

/** The table's last lines. Rows that can't vary have no part in the mean square. */
function summary(rows: readonly Row[]): string {
  const varying = rows.filter((row) => row.standardError > 0)
  const rms = Math.sqrt(varying.reduce((sum, row) => sum + zOf(row) ** 2, 0) / varying.length)
  const worst = rows.reduce((a, b) => (Math.abs(zOf(b)) > Math.abs(zOf(a)) ? b : a))
  return `- rows: ${rows.length}, of which ${rows.length - varying.length} can't vary
- root mean square of z: ${rms.toFixed(3)}
- largest |z|: ${Math.abs(zOf(worst)).toFixed(2)} (${nameOf(worst)})
`
}
