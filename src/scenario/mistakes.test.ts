/** Bad scenarios, and behind each the exact lines that its author gets: position, path, reason, cure. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { linesOf } from './mistakes.testing.ts'

const TABLE = `
# only a comment
=> s.yaml: the scenario is empty - it needs at least a source (see lanewise list scenarios)

- a
- b
=> s.yaml:1:1: a scenario is a map with at least the key source, got a list (see lanewise list scenarios)

hello
=> s.yaml:1:1: a scenario is a map with at least the key source, got "hello" (see lanewise list scenarios)

42
=> s.yaml:1:1: a scenario is a map with at least the key source, got 42 (see lanewise list scenarios)

title: x
=> s.yaml:1:1 source: missing - expected { capture: captures/office.pcap }, { arrivals: runs/spray.csv.gz } or { synthetic: { packetsPerSecond: 100000 } }

source: {}
=> s.yaml:1:9 source: expected { capture: captures/office.pcap }, { arrivals: runs/spray.csv.gz } or { synthetic: { packetsPerSecond: 100000 } }, got an empty map

source:
=> s.yaml:1:1 source: expected { capture: captures/office.pcap }, { arrivals: runs/spray.csv.gz } or { synthetic: { packetsPerSecond: 100000 } }, got nothing

source: a.pcap
=> s.yaml:1:9 source: expected { capture: captures/office.pcap }, { arrivals: runs/spray.csv.gz } or { synthetic: { packetsPerSecond: 100000 } }, got "a.pcap"

source: { captur: a.pcap }
=> s.yaml:1:9 source: expected { capture: captures/office.pcap }, { arrivals: runs/spray.csv.gz } or { synthetic: { packetsPerSecond: 100000 } }, got a map with captur - did you mean "capture"?

source: { capture: a.pcap, synthetic: { packetsPerSecond: 1 } }
=> s.yaml:1:9 source: expected { capture: captures/office.pcap }, { arrivals: runs/spray.csv.gz } or { synthetic: { packetsPerSecond: 100000 } }, got a map with capture and synthetic

source:
  synthetic:
    arrivals: poisson
=> s.yaml:2:3 source.synthetic.packetsPerSecond: missing - expected a number from 1e-6 to 1e9

source: { capture: 5, speed: 0, clock: poison }
=> s.yaml:1:20 source.capture: expected a path like "captures/office.pcap", got 5
=> s.yaml:1:30 source.speed: expected a number from 1e-6 to 1e9, got 0
=> s.yaml:1:40 source.clock: expected "poisson" or "periodic", got "poison" - did you mean "poisson"?

source: { capture: a.pcap, speed: 2, packetsPerSecond: 20k }
=> s.yaml:1:56 source.packetsPerSecond: expected a number from 1e-6 to 1e9, got "20k"

source: { capture: a.pcap, speed: 2, packetsPerSecond: 20 }
=> s.yaml:1:28 source.speed: has no effect beside packetsPerSecond - keep one of the two

source: { capture: a.pcap, direction: { inside: [10.0.0.0/8, 10.0.0.1, fd08::/129] } }
=> s.yaml:1:62 source.direction.inside[1]: "10.0.0.1" is no prefix - write it like 10.8.0.0/24 or fd08::/64
=> s.yaml:1:72 source.direction.inside[2]: "fd08::/129" is no prefix - write it like 10.8.0.0/24 or fd08::/64

source: { synthetic: { packetsPerSecond: .nan, flows: { count: 1.5, popularity: zipf }, sizes: { fixed: 700 }, protocols: { tcp: 0 } } }
=> s.yaml:1:42 source.synthetic.packetsPerSecond: expected a number from 1e-6 to 1e9, got NaN
=> s.yaml:1:64 source.synthetic.flows.count: expected a whole number from 1 to 1000000, got 1.5
=> s.yaml:1:81 source.synthetic.flows.popularity: expected "uniform" or { zipf: { exponent: 1.1 } }, got "zipf"
=> s.yaml:1:105 source.synthetic.sizes.fixed: 700 has no unit - write it like "700B" or "1.5kB"
=> s.yaml:1:123 source.synthetic.protocols: the shares add up to 0 - give tcp or udp a share above 0

source: { synthetic: { packetsPerSecond: .inf, flows: { popularity: { zipf: { exponent: -1 } } }, sizes: { fixed: 70kB }, protocols: { tpc: 1 } } }
=> s.yaml:1:42 source.synthetic.packetsPerSecond: expected a number from 1e-6 to 1e9, got Infinity
=> s.yaml:1:89 source.synthetic.flows.popularity.zipf.exponent: expected a number from 0 to 20, got -1
=> s.yaml:1:115 source.synthetic.sizes.fixed: 70kB is no size of an IP packet - use 20B to 65535B
=> s.yaml:1:134 source.synthetic.protocols: the shares add up to 0 - give tcp or udp a share above 0
=> s.yaml:1:136 source.synthetic.protocols.tpc: unknown key - did you mean "tcp"?

source: { capture: a.pcap }
lanes: { count: 0 }
=> s.yaml:2:17 lanes.count: expected a whole number from 1 to 1024, got 0

source: { capture: a.pcap }
lanes: { count: 2000 }
=> s.yaml:2:17 lanes.count: expected a whole number from 1 to 1024, got 2000

source: { capture: a.pcap }
lanes: { count: "4" }
=> s.yaml:2:17 lanes.count: expected a whole number from 1 to 1024, got "4"

source: { capture: a.pcap }
lanes: { count: 2, speed: [1, 2, 3] }
link: { delay: [1ms] }
=> s.yaml:2:27 lanes.speed: has 3 values for 2 lanes - give one per lane, or a single one for all
=> s.yaml:3:16 link.delay: has 1 value for 2 lanes - give one per lane, or a single one for all

source: { capture: a.pcap }
lanes:
  service: { fixed: [8us, 9, x], perByte: 4 }
=> s.yaml:3:21 lanes.service.fixed: has 3 values for 4 lanes - give one per lane, or a single one for all
=> s.yaml:3:27 lanes.service.fixed[1]: 9 has no unit - write it like "8us", "30ms" or "5s"
=> s.yaml:3:30 lanes.service.fixed[2]: "x" is not a quantity - write it like "8us", "30ms" or "5s"
=> s.yaml:3:43 lanes.service.perByte: 4 has no unit - write it like "8us", "30ms" or "0.8ns"

source: { capture: a.pcap }
lanes: { service: { jitter: lognormal } }
=> s.yaml:2:29 lanes.service.jitter: lognormal needs its parameters - write it like { lognormal: { ... } } (lanewise list distributions)

source: { capture: a.pcap }
lanes: { service: { jitter: { lognorm: { median: 1us } } } }
=> s.yaml:2:31 lanes.service.jitter.lognorm: unknown distribution "lognorm" - did you mean "lognormal"? (lanewise list distributions)

source: { capture: a.pcap }
lanes: { service: { jitter: { exponential: { mean: 5us }, constant: 5us } } }
=> s.yaml:2:29 lanes.service.jitter: expected one distribution, got a map with exponential and constant - keep one, or write none

source: { capture: a.pcap }
lanes: { service: { jitter: { uniform: { low: 5us, high: 1us } } } }
=> s.yaml:2:40 lanes.service.jitter.uniform: low is above high - swap them

source: { capture: a.pcap }
lanes: { service: { jitter: { constant: 5 } } }
=> s.yaml:2:41 lanes.service.jitter.constant: 5 has no unit - write it like "8us", "30ms" or "5s"

source: { capture: a.pcap }
lanes: { service: { jitter: {} } }
=> s.yaml:2:29 lanes.service.jitter: expected one distribution, got an empty map - keep one, or write none

source: { capture: a.pcap }
lanes: { cores: 5 }
=> s.yaml:2:17 lanes.cores: has 5 cores for 4 lanes - give at most 4, or all

source: { capture: a.pcap }
lanes: { cores: 2, stalls: { perSecond: 5, length: { constant: 1ms } } }
=> s.yaml:2:28 lanes.stalls: aren't modelled with fewer cores than lanes - set stalls: none, or cores: all

source: { capture: a.pcap }
lanes: { cores: 2, timeSlice: 0ms }
=> s.yaml:2:31 lanes.timeSlice: is no time at all - give 1us or more

source: { capture: a.pcap }
cores: { count: 2, timeSlice: 0ms }
=> s.yaml:2:31 cores.timeSlice: is no time at all - give 1us or more

source: { capture: a.pcap }
cores: { count: 2 }
lanes: { cores: 2 }
=> s.yaml:3:17 lanes.cores: is a second pool beside cores - give one of the two

source: { capture: a.pcap }
receiver: { assign: shared, count: 2, speed: [1, 1, 1, 1] }
=> s.yaml:2:46 receiver.speed: has 4 values for 2 threads - give one per thread, or a single one for all

source: { capture: a.pcap }
link: { rateBps: [1e6, 1e6, 1e6, 1e6], perLane: false, stream: { pingpong: [true] } }
=> s.yaml:2:18 link.rateBps: isn't modelled with link.stream - use unlimited, or leave stream out
=> s.yaml:2:49 link.perLane: isn't modelled with link.stream - use true, or leave stream out
=> s.yaml:2:76 link.stream.pingpong: has 1 value for 4 lanes - give one per lane, or a single one for all

source: { capture: a.pcap }
lanes: { stalls: { perSecond: 5 } }
=> s.yaml:2:10 lanes.stalls.length: expected "none" or a map from a distribution to its parameters, got nothing

source: { capture: a.pcap }
lanes:
  cuont: 3
  queue: { capacityPackets: unlimted }
=> s.yaml:3:3 lanes.cuont: unknown key - did you mean "count"?
=> s.yaml:4:29 lanes.queue.capacityPackets: expected a whole number from 1 to 1e9 or "unlimited", got "unlimted" - did you mean "unlimited"?

source: { capture: a.pcap }
tunQueue: { capacityPackets: 0, onFull: stopp }
=> s.yaml:2:30 tunQueue.capacityPackets: expected a whole number from 1 to 1e9, got 0
=> s.yaml:2:41 tunQueue.onFull: expected "drop" or "stop", got "stopp" - did you mean "stop"?

source: { capture: a.pcap }
reader: { perPacket: 5, perPass: -1us, batch: 0, stage: on }
=> s.yaml:2:22 reader.perPacket: 5 has no unit - write it like "8us", "30ms" or "5s"
=> s.yaml:2:34 reader.perPass: -1us is negative - write it like "8us", "30ms" or "5s"
=> s.yaml:2:47 reader.batch: expected a whole number from 1 to 1e9, got 0
=> s.yaml:2:57 reader.stage: expected "off" or { perLane: 6, total: 24 }, got "on"

source: { capture: a.pcap }
reader: { stage: { perlane: 2 } }
=> s.yaml:2:20 reader.stage.perlane: unknown key - did you mean "perLane"?

source: { capture: a.pcap }
topology: shaerd
release: sequense
=> s.yaml:2:11 topology: expected "dispatcher", "shared" or "multi-queue", got "shaerd" - did you mean "shared"?
=> s.yaml:3:10 release: expected "none", a map with sequence, a map with window or a map with turns, got "sequense"

source: { capture: a.pcap }
topology: multi-queue
tunQueue: { onFull: stop }
link: { loss: 0.01, rateBps: [1e9, 1e9] }
release: { sequence: {} }
=> s.yaml:3:21 tunQueue.onFull: stop isn't modelled for several queues - use drop
=> s.yaml:4:30 link.rateBps: has 2 values for 4 lanes - give one per lane, or a single one for all
=> s.yaml:5:22 release.sequence: would wait for ever for packets that the links lose - give a timeout, or a bound

source: { capture: a.pcap }
policies: [round-robin, flow-pined]
=> s.yaml:2:25 policies[1]: unknown policy "flow-pined" - did you mean "flow-pinned"? (lanewise list policies)

source: { capture: a.pcap }
policies: []
=> s.yaml:2:11 policies: the list is empty - name at least one policy (lanewise list policies)

source: { capture: a.pcap }
policies: hash
=> s.yaml:2:11 policies: expected a list of policies, got "hash" - write [hash]

source: { capture: a.pcap }
policies: [5, {}]
=> s.yaml:2:12 policies[0]: expected a policy's name, or a map from its name to its parameters, got 5
=> s.yaml:2:15 policies[1]: names no policy - write its name (lanewise list policies)

source: { capture: a.pcap }
policies:
  - flow-pinned:
    ttl: 5s
=> s.yaml:3:5 policies[0]: a map with one key is one policy, got flow-pinned and ttl - indent parameters below "flow-pinned:", list other policies apart

source: { capture: a.pcap }
policies:
  - flow-pinned: { ttl: 5, kye: 5-tuple, assign: nxt }
=> s.yaml:3:25 policies[0].flow-pinned.ttl: 5 has no unit - write it like "8us", "30ms" or "5s"
=> s.yaml:3:28 policies[0].flow-pinned.kye: unknown key - did you mean "key"?
=> s.yaml:3:50 policies[0].flow-pinned.assign: expected "next", "least-loaded", "hash" or "idle", got "nxt" - did you mean "next"?

source: { capture: a.pcap }
policies: [hash, { hash: {} }]
=> s.yaml:2:18 policies[1]: "hash" is listed twice - remove one of the two

source: { capture: a.pcap }
policies: [{ random: { weights: 3:1 } }]
=> s.yaml:2:12 policies[0]: 2 weights for 4 lanes - give one weight per lane

source: { capture: a.pcap }
runs: many
seed: 1.5
duration: 0s
=> s.yaml:2:7 runs: expected a whole number from 1 to 100000, got "many"
=> s.yaml:3:7 seed: expected a whole number or text, got 1.5
=> s.yaml:4:11 duration: must be longer than 0s - leave it out for the default

source: { capture: a.pcap }
duration: 5s
warmup: 5s
=> s.yaml:3:9 warmup: 5s leaves nothing of the duration of 5s - shorten it, or lengthen the duration

source: { synthetic: { packetsPerSecond: 10 } }
warmup: 1min
=> s.yaml:2:9 warmup: 1min leaves nothing of the duration of 10s - shorten it, or lengthen the duration

source: { capture: a.pcap }
runs: 3
runs: 4
lans: { count: 4 }
=> s.yaml:3:1: this key is here twice - keep one
=> s.yaml:4:1 lans: unknown key - did you mean "lanes"?

source: { capture: a.pcap }
lanes: { count: 4
runs: 3
=> s.yaml:3:1: Flow map in block collection must be sufficiently indented and end with a }

source: { capture: a.pcap }
lanes:
\tcount: 4
=> s.yaml:3:1: a tab in the indentation - YAML wants spaces

source: { capture: a.pcap }
a: *nothing
=> s.yaml:2:4: *nothing names nothing - write &nothing before the value it stands for

source: { capture: a.pcap }
---
b: 1
=> s.yaml:2:1: a second YAML document - keep one scenario per file

source: { capture: a.pcap }
title: !foo bar
=> s.yaml:2:8: Unresolved tag: !foo

source: { capture: a.pcap }
x: &a [*a, *a]
=> s.yaml:2:1 x: unknown key - known here: title, source, topology, tunQueue, reader, lanes, cores, receiver, link, release, policies, assume, runs, seed, duration, warmup

{ "source": { "capture": "a.pcap" }, "runs": 0 }
=> s.yaml:1:46 runs: expected a whole number from 1 to 100000, got 0

base: &b { count: 4 }
source: { capture: a.pcap }
lanes: { <<: *b, speed: [1] }
=> s.yaml:1:1 base: unknown key - known here: title, source, topology, tunQueue, reader, lanes, cores, receiver, link, release, policies, assume, runs, seed, duration, warmup
=> s.yaml:3:25 lanes.speed: has 1 value for 4 lanes - give one per lane, or a single one for all
`

describe('a bad scenario', () => {
  for (const block of TABLE.trim().split('\n\n')) {
    const [text, ...lines] = block.split('\n=> ')
    it(`is told what is wrong with ${JSON.stringify(text)}`, () => {
      assert.notEqual(lines.length, 0)
      assert.deepEqual(linesOf(`${text}\n`), lines)
    })
  }

  it('is told when it is empty', () => {
    for (const text of ['', '\n', '---\n', '\ufeff']) {
      assert.deepEqual(linesOf(text), [
        's.yaml: the scenario is empty - it needs at least a source (see lanewise list scenarios)',
      ])
    }
  })

  it('gets at most ten errors of syntax, and the number of the others', () => {
    const lines = linesOf('runs: [\n}\n'.repeat(40))
    assert.equal(lines.length, 11)
    assert.match(lines.at(-1)!, /^s\.yaml:\d+:\d+: and \d+ more errors of syntax - fix the first ones first$/)
  })

  it('is never answered with anything but a user error', () => {
    const keys = fc.constantFrom(
      'source',
      'capture',
      'synthetic',
      'lanes',
      'count',
      'speed',
      'service',
      'jitter',
      'policies',
      'link',
      'delay',
      'runs',
      'duration',
      'warmup',
      'reader',
      'stage',
      '__proto__',
      'toString',
    )
    const leaf = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('5s', 'hash', 'none'),
    )
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
      ),
    }))
    const garbage = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom(
            'a',
            ':',
            ' ',
            '\n',
            '-',
            '[',
            ']',
            '{',
            '}',
            '&a',
            '*a',
            '!',
            '"',
            '#',
            '|',
            '>',
            '?',
            '<<: ',
            ',',
          ),
        )
        .map((parts) => parts.join('')),
    )
    const map = fc.dictionary(keys, tree, { noNullPrototype: true })
    const text = fc.oneof(
      garbage,
      map.map((value) => stringify(value)),
      fc.tuple(map, garbage).map(([value, tail]) => stringify(value) + tail),
    )
    fc.assert(
      fc.property(text, (input) => void linesOf(input)),
      { seed: 1, numRuns: 1000 },
    )
  })
})
