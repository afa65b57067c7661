/** Cases of links and containers from the field, as they were found; skipped where they aren't there. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { runProgram } from './cli/run-program.testing.ts'
import { readSharedJson, sharedPath, skipWithout } from './shared.testing.ts'

const FIELD = 'cases/field'
const [nflog, links] = [`${FIELD}/24-nflog`, `${FIELD}/26-other-links-with-ip`]
const [joined, compressed] = [`${FIELD}/31-cat-of-two-pcaps`, `${FIELD}/32-zstd-lz4`]

interface Described {
  readonly packets: number
  readonly flows: number
  readonly durationNs: number
}

async function described(file: string): Promise<Described & { readonly stderr: string }> {
  const { stdout, stderr, exitCode } = await runProgram(['inspect', sharedPath(file), '-f', 'json'])
  assert.equal(exitCode, 0, stderr)
  return { ...(JSON.parse(stdout) as Described), stderr }
}

test('case 24: NFLOG is read', { skip: skipWithout(nflog) }, async () => {
  const expected = readSharedJson<{ packets: number; flows: number }>(`${nflog}/expected.json`)
  const { packets, flows, stderr } = await described(`${nflog}/nflog.pcap`)
  assert.deepEqual({ packets, flows }, expected)
  assert.equal(stderr, '')
})

test('case 26: other links are read', { skip: skipWithout(links) }, async () => {
  const expected = readSharedJson<Record<string, number>>(`${links}/expected.json`)
  assert.equal(Object.keys(expected).length, 6)
  for (const [name, wanted] of Object.entries(expected)) {
    const { packets, flows, stderr } = await described(`${links}/${name}.pcap`)
    assert.deepEqual({ name, packets, flows, stderr }, { name, packets: wanted, flows: 1, stderr: '' })
  }
})

test('case 31: two captures joined by cat are the first, and a line', {
  skip: skipWithout(joined),
}, async () => {
  const expected = readSharedJson<{ packets: number; durationNs: number }>(`${joined}/expected.json`)
  const { packets, durationNs, stderr } = await described(`${joined}/joined.pcap`)
  assert.deepEqual({ packets, durationNs }, expected)
  assert.match(
    stderr,
    /^\S+: two captures were joined, the second begins at byte 2904: join them with mergecap - /,
  )
})

test('case 32: zstd and lz4 are read where their command is, or it is named', {
  skip: skipWithout(compressed),
}, async () => {
  const { packets: wanted } = readSharedJson<{ packets: number }>(`${compressed}/expected.json`)
  for (const [command, name] of [
    ['zstd', 'c.pcap.zst'],
    ['lz4', 'c.pcap.lz4'],
  ] as const) {
    const file = `${compressed}/${name}`
    const isThere = spawnSync(command, ['--version']).error === undefined
    if (isThere) {
      const { packets, stderr } = await described(file)
      assert.deepEqual({ name, packets, stderr }, { name, packets: wanted, stderr: '' })
    } else {
      const { stderr, exitCode } = await runProgram(['inspect', sharedPath(file)])
      if (exitCode !== 0) assert.match(stderr, new RegExp(`${command} -dc FILE \\| lanewise inspect -`))
    }
  }
})
