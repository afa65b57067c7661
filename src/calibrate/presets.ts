/**
 * How systems that were measured are built: what a calibration of them needn't find out. Times of the stages
 * are shares of the CPU time that their threads were seen to take. And what a calibration of them gave, for
 * whoever has no runs of their own.
 */
import { didYouMean, UserError } from '../errors.ts'
import type { ScenarioCalibration } from '../scenario/schema/calibration.ts'
import type { Shares } from './fitting.ts'
import type { Structure } from './machine.ts'
import { OPENVPN_FORK } from './presets/openvpn-fork.ts'

export interface Preset {
  readonly name: string
  /** What it is, where from and when, in a line. */
  readonly description: string
  readonly structure: Structure
  readonly known: Partial<Shares>
  /** Of the mode whose packets move most. */
  readonly policy: string
  /** What calibrating it gave, and when and on what that was, for heads. */
  readonly calibration: ScenarioCalibration
  readonly calibrated: string
}

/** CPU time per packet of the fork's manager, of its lanes and of the far end's threads, us. */
const FORK_CPU_US = { reader: 12.9, lane: 16.7, receiver: 12 }
const { reader, lane, receiver } = FORK_CPU_US

const WAKE_UP = { exponential: { mean: '2us' } }

export const PRESETS: readonly Preset[] = [
  {
    name: 'openvpn-fork',
    description:
      'stoops/openvpn-fork, branch mtio, 4 threads and TCP connections, both ends on 2 cores of one machine, Linux 6.18 (measured in November 2026)',
    structure: {
      lanes: 4,
      cores: 2,
      hasReceiver: true,
      writeRatio: 0.4,
      keys: {
        reader: { stage: { perLane: 1, total: 1 }, whenLaneBusy: 'spin' },
        // An idle core takes a moment to run a thread, a busy one that changes threads doesn't.
        lanes: { wakeUp: WAKE_UP },
        receiver: { wakeUp: WAKE_UP },
      },
    },
    known: {
      reader: reader / (reader + lane + receiver),
      receiver: receiver / (lane + receiver),
      wakeUp: 0,
      linkJitter: 0,
      write: 0,
    },
    policy: 'any-idle',
    calibration: OPENVPN_FORK,
    calibrated: 'in November 2026 on 2 cores',
  },
]

/** What `--as` names. Throws UserError (2) for what isn't known. */
export function presetNamed(name: string): Preset {
  const found = PRESETS.find((preset) => preset.name === name)
  if (found !== undefined) return found
  const names = PRESETS.map((preset) => preset.name)
  throw new UserError(
    `--as ${name}: unknown${didYouMean(name, names) || ` - known is ${names.join(', ')}`} (lanewise list presets)`,
    2,
  )
}
