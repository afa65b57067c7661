/** Judges what was measured by the assumptions that scenarios make too; and what these usually are. */
import type { Measured } from '../../measure/arrivals/arrivals.ts'
import { type JudgeOptions, judge } from '../../measure/judge.ts'
import type { Assumptions, Judged } from '../../measure/measurement.ts'
import { metricSettings } from '../../scenario/schema/assume.ts'

/** Where nothing else is asked for. */
export const USUAL: Assumptions = {
  rtt: '20ms',
  playout: ['20ms', '60ms'],
  replayWindows: [64, 129, 1024, 8128],
  rfc5236: 'corrected',
  sequenceBits: null,
}

const RFC5236_THRESHOLD_PACKETS = 64

export function judgeMeasured(
  measured: Measured,
  { rtt, playout, replayWindows, rfc5236 }: Assumptions,
  options: Omit<JudgeOptions, 'settings'>,
): Judged {
  const densities = { variant: rfc5236, thresholdPackets: RFC5236_THRESHOLD_PACKETS }
  const assumed = { rtt, playout: [...playout], replayWindows: [...replayWindows], rfc5236: densities }
  return judge(measured, {
    ...options,
    settings: (judgesAll, smallestDelayNs) => metricSettings(assumed, judgesAll, smallestDelayNs),
  })
}
