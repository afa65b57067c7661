/** A scan of so many points that threads save and write them on their own. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('scan-slow')

writeFileSync('package.json', '{}')
writeFileSync(
  'small.yaml',
  `source: { synthetic: { packetsPerSecond: 100000, flows: { count: 20 } } }
duration: 20ms
runs: 2
policies: [round-robin, hash, { flow-pinned: { ttl: 30s } }]
`,
)
const FILES = ['distributions.csv', 'flows.csv', 'points.csv', 'report.json', 'runs.csv', 'summary.csv']
const compare = (words: string) => runProgram(['compare', ...words.split(' ')])
const read = (file: string) => readFileSync(file, 'utf8')
const sameFiles = (a: string, b: string) => {
  for (const file of FILES) assert.equal(read(`${a}/${file}`), read(`${b}/${file}`), file)
}

test('with many points, which threads save and write on their own, the bytes are the same too', async () => {
  const many =
    '-d 4ms -P lanes.count=1:4:1 -P lanes.service.fixed=5us:25us:2us -L tunQueue.capacityPackets=500,600'
  for (const jobs of [1, 2]) {
    const { exitCode, stderr } = await compare(`small.yaml -q -j ${jobs} -o many${jobs} ${many}`)
    assert.deepEqual([exitCode, stderr], [0, ''])
    assert.equal(readdirSync(`many${jobs}/points`).length, 88)
    assert.deepEqual(
      readdirSync(`many${jobs}`).filter((name) => name.includes('part')),
      [],
    )
  }
  sameFiles('many1', 'many2')
  const again = await compare(`small.yaml -q -j 2 --resume -o many2 ${many}`)
  assert.equal(again.exitCode, 0)
  sameFiles('many1', 'many2')
})
