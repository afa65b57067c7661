/**
 * What calibrating the OpenVPN fork gave: its branch mtio without the map, four threads and TCP connections with
 * TCP_NODELAY, both ends on the 2 cores of one virtual machine, Linux 6.18. Source: two runs of 64,010 packets
 * of 1,200 bytes, Poisson, 4,000 a second, recorded on 2026-11-30 and calibrated that day by `lanewise
 * calibrate spray-1f-4000-1200B-r1.csv.gz spray-1f-4000-1200B-r2.csv.gz --as openvpn-fork`; times rounded to
 * 10 ns, and what is added by chance to 64 quantiles, finer in the tail.
 */
import type { ScenarioCalibration } from '../../scenario/schema/calibration.ts'

/** What is added to a packet's work, ns, ascending. */
const ADDED_NS = [
  2190, 5070, 5790, 6290, 6720, 7180, 7710, 8280, 9230, 9950, 10420, 10830, 11190, 11520, 11820, 12140, 12580,
  13050, 13570, 13900, 15050, 15560, 18050, 19680, 20390, 26510, 39470, 48110, 57970, 61230, 61560, 62150,
  62150, 62150, 62630, 62630, 62630, 62630, 67150, 67150, 70940, 77780, 83300, 92140, 92140, 92140, 134980,
  135900, 135900, 151370, 154530, 167620, 167840, 167840, 167840, 261490, 261490, 261490, 261490, 261490,
  266280, 636010, 1153660, 1264050,
]
/** Shares of packets that have them: 28 of 3.5 %, 18 of 0.1 %, the rest in the last 0.2 %. */
const ADDED_SHARES = [
  ...new Array<number>(28).fill(0.035),
  ...new Array<number>(18).fill(0.001),
  0.0002,
  ...new Array<number>(16).fill(0.0001),
  0.0002,
]

export const OPENVPN_FORK: ScenarioCalibration = {
  kind: 'lanewise calibration',
  schemaVersion: 2,
  scenario: {
    reader: { stage: { perLane: 1, total: 1 }, whenLaneBusy: 'spin', perPacket: '9940ns' },
    lanes: {
      count: 4,
      service: {
        fixed: '12870ns',
        perByte: '0ns',
        jitter: { empirical: { values: ADDED_NS.map((ns) => `${ns}ns`), weights: ADDED_SHARES } },
        write: '5150ns',
      },
      idleAt: 'start-of-write',
      wakeUp: 'none',
      stalls: 'none',
    },
    cores: { count: 2 },
    receiver: { service: { fixed: '9250ns', perByte: '0ns', jitter: 'none' } },
    link: { delay: '0s', jitter: 'none' },
  },
  calibratedOn: {
    files: ['spray-1f-4000-1200B-r1.csv.gz', 'spray-1f-4000-1200B-r2.csv.gz'],
    sha256: [
      'c867c095f0947698bf76a3812ed6fa7e19547758daba07b7b8fc3f9daeb1d566',
      '4205996bc90a037758a1c89f9781d4cef96d084156747d1ad235d35519687e65',
    ],
    packets: 64010,
    policy: 'any-idle',
    lanes: 4,
    lanesAssumed: false,
    date: '2026-11-30',
  },
  heldOut: [
    { metric: 'reorderedRatio', predicted: 0.01583, measured: 0.01708, factor: 0.927, isRight: true },
    { metric: 'extentMean', predicted: 1.206, measured: 1.458, factor: 0.827, isRight: true },
    { metric: 'lateTimeNsP50', predicted: 11300, measured: 14490, factor: 0.78, isRight: true },
    { metric: 'latencyNsP50', predicted: 44680, measured: 45930, factor: 0.973, isRight: true },
    { metric: 'latencyNsP99', predicted: 118000, measured: 116600, factor: 1.01, isRight: true },
  ],
  notKnown: ['all packets had one size: time per byte is unknown, and 0 here'],
  method: 'simulated moments with common random numbers: delays over what was sent before, who waited, order',
  seed: 1,
}
