/** Text that is no scenario at all gets one line, and a value where a map belongs the key that was meant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf } from './mistakes.testing.ts'

const others: readonly string[] = [
  '# Notes\n\n- one: [\n\n```yaml\nsource: { capture: a.pcap }\n```\n\n**two**: `{`\n',
  '{ "name": "lanewise", "version": "1", "bin": "x", "scripts": {}, "license": "MIT" }',
  'export const a = {\n  b: [1, 2],\n}\n* c\n',
]
for (const text of others) {
  test(`text is told apart from what is none at all: ${JSON.stringify(text.slice(0, 12))}`, () => {
    assert.deepEqual(linesOf(text), [
      's.yaml: neither a scenario (YAML or JSON text) nor a capture (pcap, pcapng, or one of them compressed) - check the path',
    ])
  })
}

test('a scenario is still one when its syntax is broken or its keys are misspelt', () => {
  assert.match(linesOf('source: { capture: a.pcap }\nlanes: [\n')[0]!, /^s\.yaml:\d+:\d+: /)
  assert.match(linesOf('sorce: { capture: a.pcap }\n').at(-1)!, /unknown key - did you mean "source"\?$/)
  assert.match(linesOf('runs: 2\na: 1\nb: 2\nc: 3\n').at(-1)!, /unknown key/)
})

test('a scenario that gives a value where a map belongs is told the key', () => {
  const lanes = (text: string) => linesOf(`source: { capture: a.pcap }\n${text}\n`)
  assert.deepEqual(lanes('lanes: { queue: 8 }'), [
    's.yaml:2:17 lanes.queue: expected a map, got 8 - name the key: lanes.queue.capacityPackets=8',
  ])
  assert.match(lanes('lanes: many')[0]!, /expected a map, got "many" - its keys: count, cores, /)
})
