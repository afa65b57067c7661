/** A calibration that is a part of a scenario, for tests. */
import type { ScenarioCalibration } from '../scenario/schema/calibration.ts'

export function partOfScenario(scenario: Record<string, unknown>): ScenarioCalibration {
  return {
    kind: 'lanewise calibration',
    schemaVersion: 2,
    scenario,
    calibratedOn: {
      files: ['sent.pcap', 'received.pcap'],
      sha256: ['a1', 'b2'],
      packets: 40_000,
      policy: 'any-idle',
      lanes: 4,
      lanesAssumed: false,
      date: '2026-11-30',
    },
    heldOut: [
      { metric: 'reorderedRatio', predicted: 0.21, measured: 0.2, factor: 1.05, isRight: true },
      { metric: 'latencyNsP50', predicted: 92, measured: 100, factor: 0.92, isRight: true },
      { metric: 'extentMean', predicted: null, measured: null, factor: null, isRight: null },
    ],
    notKnown: ['how many cores the lanes share'],
    method: 'moments',
    seed: 1,
  }
}
