/** `lanewise tune` on a capture of ../shared: its answer holds on random numbers that it hasn't seen. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Report } from '../../report/comparison/report.ts'
import type { TuneReport } from '../../report/tune/tune-report.ts'
import { sharedPath, skipWithout } from '../../shared.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

ownFolder('tune')

const json = (words: string) => runProgram(withOneJob(`${words} -q -f json`))
const LAB = 'captures/lab/lab-veth-mixed.pcap'
test('on the lab capture the recommended TTL keeps its target on seeds that tune has not used', {
  skip: skipWithout(LAB),
}, async () => {
  const capture = sharedPath(LAB)
  const { stdout } = await json(`tune ${capture} -o lab -r 4 --points 10 -p flow-pinned`)
  const { tune: answer } = JSON.parse(stdout) as TuneReport
  assert.equal(answer.recommended.kind, 'value')
  assert.ok(answer.check!.isKept)
  const { policy } = answer.check!
  const shorter = answer.curve.filter(({ metrics }) => metrics.reorderedRatio!.mean! > 0.002).at(-1)!.policy
  for (const seed of ['71', '72', 'another']) {
    const { stdout } = await json(
      `compare ${capture} -o fresh -r 4 --seed ${seed} -p ${policy} -p ${shorter}`,
    )
    const { records } = JSON.parse(stdout) as Report
    const [kept, missed] = records.map(({ metrics }) => metrics.reorderedRatio!.mean!)
    assert.ok(kept! <= answer.targetRatio, `seed ${seed}: ${kept}`)
    assert.ok(missed! > answer.targetRatio, `seed ${seed}: a shorter TTL misses it, ${missed}`)
  }
})
