import assert from 'node:assert/strict'
import { test } from 'node:test'
import { madeReport, madeResults } from '../made-results.testing.ts'
import { distributionsCsv, flowsCsv, runsCsv, summaryCsv } from './csv.ts'

/**
 * Rows as maps from column to field; none of the fields here holds a comma but the labels, which are quoted.
 */
function rows(csv: string): Record<string, string>[] {
  const [header, ...lines] = csv.trimEnd().split('\n')
  const fields = (line: string) =>
    (line.match(/("[^"]*"|[^,]*)(,|$)/g) ?? []).map((field) => field.replace(/,$/, ''))
  const names = fields(header!)
  return lines.map((line) => Object.fromEntries(fields(line).map((field, i) => [names[i]!, field])))
}

test('summary.csv has a row per policy with means, intervals, events and chances', () => {
  const [idle, pinned] = rows(summaryCsv(madeReport()))
  assert.equal(idle!.policy, 'any-idle')
  assert.equal(idle!.point, '0')
  assert.equal(Number(idle!.reorderedRatio).toFixed(12), '0.200000000000')
  assert.equal(Number(idle!['reorderedRatio.low95']).toFixed(4), '0.1752')
  assert.equal(Number(idle!['reorderedRatio.high95']).toFixed(4), '0.2248')
  assert.equal(idle!['reorderedRatio.count'], '600')
  assert.equal(idle!['reorderedRatio.of'], '3000')
  assert.equal(idle!.extentMean, '1.5')
  assert.equal(pinned!.policy, '"flow-pinned:ttl=30s,key=address-pair"')
  assert.equal(pinned!.reorderedRatio, '0')
})

test('what is unknown is an empty field, never 0', () => {
  const [idle, pinned] = rows(summaryCsv(madeReport()))
  assert.equal(idle!.quicLostRatio, '')
  assert.equal(pinned!.extentMean, '')
  assert.equal(pinned!['extentMean.low95'], '')
  assert.equal(idle!.tableExpiries, '', 'a metric of another policy')
  assert.equal(pinned!.tableExpiries, '3')
  const single = rows(summaryCsv(madeReport(madeResults.slice(0, 1))))[0]!
  assert.equal(single['reorderedRatio.low95'], '', 'one run has no interval')
})

test('runs.csv has a row per policy and run, ratios with events and chances', () => {
  const all = rows(runsCsv(madeResults))
  assert.deepEqual(
    all.map(({ policy, run }) => `${policy} ${run}`),
    [
      'any-idle 0',
      'any-idle 1',
      'any-idle 2',
      ...[0, 1, 2].map((run) => `"flow-pinned:ttl=30s,key=address-pair" ${run}`),
    ],
  )
  const { reorderedRatio, 'reorderedRatio.count': count, 'reorderedRatio.of': of } = all[1]!
  assert.deepEqual([reorderedRatio, count, of], ['0.2', '200', '1000'])
  assert.equal(all[1]!.quicLostRatio, '')
})

test('flows.csv has the flows of each policy, run by run', () => {
  const expected = `policy,run,flow,sent,delivered,reordered,reorderedRatio
any-idle,0,10.0.0.1:1 > 10.0.0.2:2/tcp,100,100,190,1.9
any-idle,1,10.0.0.1:1 > 10.0.0.2:2/tcp,100,100,200,2
any-idle,2,10.0.0.1:1 > 10.0.0.2:2/tcp,100,100,210,2.1
`
  assert.equal(flowsCsv(madeResults).split('"flow-pinned')[0], expected)
})

test('distributions.csv sums the buckets over the runs', () => {
  assert.equal(
    distributionsCsv(madeResults),
    'point,policy,metric,low,high,count\n0,any-idle,extent,1,2,600\n',
  )
})
