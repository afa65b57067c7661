/**
 * Cases of flow keys, as they were found: the inputs beside the repository, if they are there. What they are
 * about has tests of its own beside the code.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from './cli/run-program.testing.ts'
import { readSharedJson, sharedPath, skipWithout } from './shared.testing.ts'

const folder = 'cases/field'
const skip = skipWithout(folder)
const input = (name: string) => sharedPath(`${folder}/${name}`)
const expected = <T>(name: string) => readSharedJson<T>(`${folder}/${name}/expected.json`)

/** The lane of each packet, in the order of the capture. */
async function lanesOf(file: string, policy: string, ...more: string[]): Promise<number[]> {
  const out = mkdtempSync(join(tmpdir(), 'lanewise-case-'))
  const trace = join(out, 'trace.csv')
  const argv = ['compare', input(file), '-p', policy, '-r', '1', '--trace', trace, '-q', '-o', join(out, 'o')]
  const { exitCode } = await runProgram([...argv, ...more])
  assert.equal(exitCode, 0)
  const [head, ...rows] = readFileSync(trace, 'utf8').trimEnd().split('\n')
  const names = head!.split(',').toReversed()
  const lanes: number[] = []
  // Counted from the end, because labels and names of flows may hold commas.
  for (const row of rows) {
    const cells = row.split(',').toReversed()
    const packet = row.replace(/^("[^"]*"|[^,]*),\d+,(\d+),.*/, '$2')
    lanes[Number(packet)] = Number(cells[names.indexOf('lane')])
  }
  return lanes
}

test('12: both fragments of a datagram have one lane', { skip }, async () => {
  const lanes = await lanesOf('12-linux-tun-fragments/fragments.pcap', 'linux-tun')
  const first = lanes.filter((_, packet) => packet % 3 === 0)
  const split = first.filter((lane, i) => lane !== lanes[3 * i + 1]).length
  const found = { splitDatagrams: split, of: first.length }
  assert.deepEqual(found, expected('12-linux-tun-fragments'))
})

test('13: SPIs, and flows inside GRE, use all lanes', { skip }, async () => {
  const found: Record<string, number> = {}
  for (const name of ['esp', 'gre']) {
    const lanes = await lanesOf(`13-linux-tun-esp-and-gre/${name}.pcap`, 'linux-tun')
    found[`${name}.lanes`] = new Set(lanes).size
  }
  assert.deepEqual(found, expected('13-linux-tun-esp-and-gre'))
})

for (const name of ['vxlan', 'gtpu']) {
  test(`16: the flows inside a tunnel are counted, and spread: ${name}`, { skip }, async () => {
    const file = `16-inner-flows-of-vxlan-and-gtp/${name}.pcap`
    const { stdout } = await runProgram(['inspect', input(file), '-f', 'json'])
    const { innerFlows, outerFlows } = JSON.parse(stdout)
    assert.deepEqual({ innerFlows, outerFlows }, expected('16-inner-flows-of-vxlan-and-gtp'))
    assert.equal(new Set(await lanesOf(file, 'hash')).size, 1)
    assert.ok(new Set(await lanesOf(file, 'hash:key=inner')).size > 1)
  })
}

/** mlx5's default. */
const MLX5_KEY = '2cc681d15bdbf4f7fca28319db1a3e946b9e38d92c9c03d1ad9944a7d9563d59063c25f3fc1fdc2a'

test('17: the queue of a flow with the key of a card, by ports and by addresses', { skip }, async () => {
  const name = '17-rss-key-and-udp-fields'
  const wanted = expected<Record<string, { 'queue of 8': number; hash: string }>>(name)
  for (const [what, udp] of [
    ['mlx5 key, 4-tuple', '4-tuple'],
    ['mlx5 key, addresses', '2-tuple'],
  ] as const) {
    // A table of 64 lanes' bits shows more of the hash than 8 queues do.
    for (const [count, bits] of [
      [8, 7],
      [64, 63],
    ] as const) {
      const policy = `rss:key=${MLX5_KEY},udp=${udp}`
      const lanes = await lanesOf(`${name}/one-flow.pcap`, policy, '--set', `lanes.count=${count}`)
      assert.deepEqual([...new Set(lanes)], [Number(wanted[what]!.hash) & bits])
    }
    assert.equal(Number(wanted[what]!.hash) & 7, wanted[what]!['queue of 8'])
  }
})
