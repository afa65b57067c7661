/** Test support: what metrics of a capture assume where a test doesn't care. */
import type { MetricSettings } from './settings.ts'

export const someMetricSettings: MetricSettings = {
  judgesAll: false,
  roundTrip: { rttNs: 20e6, reverseDelayNs: 20e6 },
  playouts: [{ label: '20ms', depthNs: 20e6 }],
  replayWindows: [64],
  densities: { thresholdPackets: 64, variant: 'corrected' },
  smallestDelayNs: 0,
}
