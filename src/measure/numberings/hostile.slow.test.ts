/** Damaged packets of every kind of numbering: each capture is judged, or refused with one line, and soon. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { UserError } from '../../errors.ts'
import { someMetricSettings } from '../../metrics/settings.testing.ts'
import { type Random, randomStream } from '../../sim/random.ts'
import { judge } from '../judge.ts'
import { MatchBench } from '../matching/match.testing.ts'
import { NUMBERING_NAMES, wantedKinds } from './kinds.ts'
import { madeKinds, madeTraffic } from './numberings.testing.ts'
import { readNumbered } from './read-numbered.ts'

const bench = new MatchBench()
after(() => bench.remove())

const VARIANTS = 1000

/** Some bytes changed, or cut, or both; IP's length stays as it was. */
function damaged(packet: Buffer, random: Random): Buffer {
  const other = Buffer.from(packet)
  for (let many = random() * 6; many > 1; many--)
    other[Math.floor(random() * random() * other.length)] = random() * 256
  return random() < 0.2 ? other.subarray(0, Math.floor(random() * other.length)) : other
}

test(`${VARIANTS} damaged captures are judged or refused`, async () => {
  const random = randomStream(1, 0, 'hostile')
  let judged = 0
  for (let variant = 0; variant < VARIANTS; variant++) {
    const kind = madeKinds[variant % madeKinds.length]!
    const { arrivals } = madeTraffic(kind, variant, { packets: 30 })
    const share = random()
    const packets = arrivals.map(({ packet, ns }) => ({
      packet: random() < share ? damaged(packet, random) : packet,
      ns: random() < 0.05 ? Math.floor(random() * 1e12) : ns,
    }))
    const asked =
      random() < 0.5 ? [] : [NUMBERING_NAMES[variant % NUMBERING_NAMES.length]!, 'udp-offset=8:4:be']
    const path = bench.write('hostile.pcap', packets, { snaplen: random() < 0.2 ? 40 : 65_535 })
    try {
      const measured = await readNumbered(path, wantedKinds(asked))
      if (measured === undefined) continue
      const { counts } = judge(measured, { worstFlows: 100, settings: () => someMetricSettings })
      assert.ok(counts.lost! >= 0 && counts.received > 0)
      judged++
    } catch (error) {
      assert.ok(error instanceof UserError, `variant ${variant}: ${error}`)
    }
  }
  assert.ok(judged > VARIANTS / 4, `${judged}`)
})
