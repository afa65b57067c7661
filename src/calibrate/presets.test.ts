import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCalibration, settingsOf } from '../scenario/schema/calibration.ts'
import { PRESETS, presetNamed } from './presets.ts'

test('what comes with a system is a calibration, with its source and date', () => {
  for (const { name, calibration } of PRESETS) {
    const read = parseCalibration(JSON.stringify(calibration), name)
    assert.ok('scenario' in read)
    assert.match(read.calibratedOn.date!, /^20\d\d-\d\d-\d\d$/)
    assert.equal(read.calibratedOn.files.length, read.calibratedOn.sha256.length)
    assert.equal(presetNamed(name).calibration, calibration)
  }
})

test('it is built as a calibration of such a system would be', () => {
  const { structure, calibration } = presetNamed('openvpn-fork')
  const at = new Map(settingsOf(calibration, '--as x').map(({ path, value }) => [path.join('.'), value]))
  assert.equal(at.get('lanes.count'), structure.lanes)
  assert.equal(at.get('cores.count'), structure.cores)
  const stage = { perLane: at.get('reader.stage.perLane'), total: at.get('reader.stage.total') }
  assert.deepEqual(stage, structure.keys!.reader!.stage)
  assert.equal(at.get('reader.whenLaneBusy'), structure.keys!.reader!.whenLaneBusy)
})

test('its quantiles ascend and stand for all packets', () => {
  const { lanes } = presetNamed('openvpn-fork').calibration.scenario as {
    lanes: { service: { jitter: { empirical: { values: string[]; weights: number[] } } } }
  }
  const { values, weights } = lanes.service.jitter.empirical
  const ns = values.map((text) => Number(text.replace(/ns$/, '')))
  assert.deepEqual([ns.length, weights.length], [64, 64])
  assert.deepEqual(
    ns.toSorted((a, b) => a - b),
    ns,
  )
  const sum = weights.reduce((all, weight) => all + weight, 0)
  assert.ok(Math.abs(sum - 1) < 1e-9, `${sum}`)
})
