/**
 * What charts, tables and the page take for granted in a saved report. A file that was cut off, edited or
 * written by something else says so in one line. Fields may be added, and those that 0.1.0 hadn't may lack.
 */
import { z } from 'zod'

const text = z.string()
const count = z.int().nonnegative()
const known = z.number().nullable()
const amount = z.number().nonnegative()
const estimate = z.looseObject({
  mean: known,
  low95: known.optional(),
  high95: known.optional(),
  runs: count.optional(),
  batches: count.optional(),
})
const summary = estimate.extend({ count: amount.optional(), of: amount.optional() })
const metrics = z.record(text, summary)
const estimates = z.record(text, estimate)
const error = text.nullable().optional()
const seed = z.union([z.number(), text])

/** Of a source, lanes and release: what facts are told from. */
const scenario = z.looseObject({
  title: text.optional(),
  warmup: text.optional(),
  topology: z.enum(['dispatcher', 'shared', 'multi-queue']).optional(),
  lanes: z.looseObject({
    count: z.int().positive(),
    speeds: z.array(amount).optional(),
    queue: z.looseObject({}).optional(),
  }),
  release: z.union([text, z.looseObject({})]).optional(),
  source: z.union([
    z.looseObject({
      capture: z.union([text, z.array(text)]),
      direction: z.union([z.literal('both'), z.looseObject({ inside: z.array(text) })]).optional(),
    }),
    z.looseObject({ arrivals: text }),
    z.looseObject({
      synthetic: z.looseObject({ arrivals: z.union([text, z.looseObject({})]).optional() }),
    }),
  ]),
})

const load = z.looseObject({
  packets: amount,
  flows: amount,
  spanNs: amount,
  packetsPerSecond: amount.nullable(),
  workNsMean: amount.nullable(),
  load: amount.nullable(),
  loadPeak10ms: amount.nullable(),
  overlappingRatio: amount.nullable(),
  packetsPerSecondAtLoad70: amount.nullable(),
})

const kind = z.enum([
  'order-kept',
  'least-reordered',
  'drops-first',
  'nothing-reordered',
  'cannot-tell',
  'failed',
])
const verdict = z.looseObject({
  kind,
  policies: z.array(text),
  price: z.looseObject({ than: text, differenceNs: z.number(), low95: known, high95: known }).nullable(),
  drops: z.record(text, amount),
  fits: z
    .array(z.looseObject({ policy: text, packetsPerSecond: amount.nullable() }))
    .nullable()
    .optional(),
  restsOn: z.looseObject({
    lanes: z.enum(['assumed', 'calibrated', 'measured']),
    file: text.nullable(),
    calibration: z
      .looseObject({ sha256: text, missRatioMax: amount.nullable(), builtLike: text.optional() })
      .optional(),
    workNs: amount.nullable(),
    runs: count.optional(),
  }),
  next: z.array(z.array(text)),
})
const winner = z.looseObject({
  metric: text,
  verdict: z.enum(['clear', 'equal', 'unclear', 'no-interval']),
  policies: z.array(text),
  mean: z.number(),
})
const gates = z.array(z.looseObject({})).optional()

const record = z.looseObject({
  point: count,
  policy: text,
  metrics,
  difference: estimates.nullable().optional(),
  ratioToReference: estimates.nullable().optional(),
  error: text.nullable(),
})

const settings = z.record(text, z.unknown())
const point = z.looseObject({
  point: count,
  settings,
  runs: count,
  load: load.nullable(),
  winner: winner.nullable().optional(),
  verdict: verdict.nullable().optional(),
  gates,
  error,
})

const changes = z.array(z.looseObject({ kind, policies: z.array(text), point: count })).optional()

const ttlNs = amount.nullable()
const step = z.looseObject({ ttlNs, policy: text, metrics })
const answer = z.enum(['value', 'any', 'none', 'unknown'])
const tune = z
  .looseObject({
    policy: text,
    parameter: text,
    targetRatio: amount,
    recommended: z.looseObject({ kind: answer, ttlNs: ttlNs.optional() }),
    safe: z.looseObject({
      kind: answer,
      ttlNs: ttlNs.optional(),
      moves: amount.nullable().optional(),
      bound: amount.nullable().optional(),
    }),
    curve: z.array(step).min(2),
    check: z
      .looseObject({
        policy: text,
        ttlNs: amount,
        seed: text,
        reorderedRatio: summary,
        upperBound: known,
        isKept: z.boolean(),
        unsafeMoves: summary.nullable(),
      })
      .nullable()
      .optional(),
    costs: z.array(z.looseObject({ policy: text, against: text, difference: estimates })).optional(),
    proof: z
      .looseObject({
        stayNs: amount,
        workNsMax: amount,
        packets: amount,
        otherNs: amount,
        gaps: amount,
        gapsShorter: amount,
      })
      .nullable()
      .optional(),
    unproven: z.looseObject({ unbounded: z.array(text), notCovered: z.array(text) }).optional(),
    notes: z.array(text).optional(),
    setting: z.looseObject({ ttlNs, value: text.nullable(), basis: text, policy: text }).optional(),
    never: text.optional(),
    drained: text.optional(),
  })
  .refine(
    ({ recommended, safe, curve }) =>
      [recommended, safe].every(
        ({ kind: found, ttlNs: at }) =>
          found !== 'value' || curve.some((one) => one.ttlNs !== null && one.ttlNs === at),
      ),
    'names a TTL that its curve lacks',
  )

/** What comparisons, scans, tunings and replays have in common. */
const about = {
  title: text,
  name: text.optional(),
  seed: seed.optional(),
  scenario,
  gates,
  warnings: z.array(text),
}

export const comparisonShape = z
  .looseObject({
    ...about,
    runs: count,
    runsPlanned: count.optional(),
    labels: z.array(text),
    reference: text.optional(),
    load: z.looseObject({ first: load.optional(), mean: load }).nullable(),
    records: z.array(record),
    winner: winner.nullable().optional(),
    verdict: verdict.extend({ changes, ttlNs: ttlNs.optional() }).optional(),
    scan: z.array(z.looseObject({ path: text, values: z.array(z.unknown()).min(1) })).optional(),
    points: z.array(point).optional(),
    unchangedAxes: z.array(text).optional(),
    tune: tune.optional(),
  })
  .refine(({ load: one, points }) => one !== null || points !== undefined, 'has neither a load nor points')
  .refine(
    ({ records, points }) => points === undefined || records.every((one) => one.point < points.length),
    'has a record of a point that it lacks',
  )

const counts = z.record(text, z.unknown())
const row = z.looseObject({
  replay: count,
  invalid: z.array(text),
  metrics: z.record(text, z.unknown()),
  counts: counts.optional(),
  endedEarly: z.boolean().optional(),
  isCalibration: z.boolean().optional(),
})
const subject = z.looseObject({
  label: text,
  topology: text.optional(),
  replays: z.array(row),
  measured: estimates,
  bookkeeping: z.looseObject({ metrics: estimates, wrongFinishes: count }).nullable().optional(),
  calibrated: estimates.nullable(),
  asWritten: estimates.nullable(),
  verdict: z.looseObject({}).nullable().optional(),
  control: z.looseObject({}).nullable().optional(),
  error: text.nullable(),
})

export const replayShape = z.looseObject({
  ...about,
  device: z.enum(['tun', 'loopback']),
  lanes: z.int().positive(),
  cores: count,
  packets: count,
  flows: count,
  replaysPlanned: count,
  subjects: z.array(subject),
  verdict: verdict.optional(),
})

/** What the page shows of provenance.json. */
export const provenanceShape = z.looseObject({
  argv: z.array(text).optional(),
  capture: z.looseObject({ path: text, sha256: text }).nullable().optional(),
})
