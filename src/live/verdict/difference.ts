/**
 * The difference of a measured mean from a prediction, with the spread of both sides, and what it allows to
 * say: right, wrong, or that it can't be told. Source: Welch's interval with the degrees of freedom of
 * Satterthwaite (Welch, Biometrika 34, 1947).
 */
import { type Estimate, studentQuantile } from '../../metrics/statistics/statistics.ts'

export type Decision = 'yes' | 'no' | 'cannot-tell'

/** Fewer replays have no spread. */
const VALUES_MIN = 2
/**
 * A measured mean that is known no better than to so many times what it may be off says nothing. Three
 * replays that vary as simulated runs do are known well enough in 19 of 20 cases: their interval is t(2) /
 * sqrt(3) / t(19) = 1.2 times the predicted one as a rule, 2 times at the 95th percentile.
 */
const WIDTHS_MAX = 2
/** Replays that are worth naming as a cure. */
const REPLAYS_MAX = 50
/** The default of --repeat, for who had too few to know their spread. */
const REPLAYS_USUAL = 4

/**
 * Measured minus predicted. The measured side varies as the mean of its replays, the predicted one as one
 * more run: it was calibrated on one replay, whose own chance is in none of its runs.
 * @param measured with the interval of the mean @param predicted with that of one further run
 */
export function differenceOf(measured: Estimate, predicted: Estimate): Estimate {
  const { runs } = measured
  if (measured.mean === null || predicted.mean === null)
    return { mean: null, low95: null, high95: null, runs }
  const mean = measured.mean - predicted.mean
  const half = halfOfBoth(measured, predicted)
  if (half === null) return { mean, low95: null, high95: null, runs }
  return { mean, low95: mean - half, high95: mean + half, runs }
}

function halfOfBoth(measured: Estimate, predicted: Estimate): number | null {
  const [a, b] = [halfOf(measured), halfOf(predicted)]
  if (a === null || b === null) return null
  const [freeA, freeB] = [measured.runs - 1, predicted.runs - 1]
  const varianceA = (a / studentQuantile(0.95, freeA)) ** 2
  const varianceB = (b / studentQuantile(0.95, freeB)) ** 2
  const sum = varianceA + varianceB
  if (sum === 0) return 0
  const free = sum ** 2 / (varianceA ** 2 / freeA + varianceB ** 2 / freeB)
  return studentQuantile(0.95, Math.max(1, Math.floor(free))) * Math.sqrt(sum)
}

function halfOf({ low95, high95 }: Estimate): number | null {
  return low95 === null || high95 === null ? null : (high95 - low95) / 2
}

/**
 * Yes: what is right is also known well enough. No: the whole interval of the difference lies beyond the
 * tolerance. Else it can't be told.
 * @param isRight the measured mean lies within the tolerance or the predicted interval
 */
export function decide(
  measured: Estimate,
  predicted: Estimate,
  tolerance: number,
  isRight: boolean,
): Decision {
  const { low95, high95 } = differenceOf(measured, predicted)
  if (low95 === null || high95 === null) return 'cannot-tell'
  if (low95 > tolerance || high95 < -tolerance) return 'no'
  const allowed = Math.max(tolerance, halfOf(predicted)!)
  return isRight && halfOf(measured)! <= WIDTHS_MAX * allowed ? 'yes' : 'cannot-tell'
}

/**
 * A metric that one side or both don't know (extents of packets in order): both not is right; only one is
 * wrong where that one knows it more than once and the other was asked more than once.
 */
export function decideUnknown(
  measured: Estimate,
  predicted: Estimate,
  asked: { readonly measured: number; readonly predicted: number },
): Decision {
  if (Math.min(asked.measured, asked.predicted) < VALUES_MIN) return 'cannot-tell'
  const most = Math.max(measured.runs, predicted.runs)
  if (most === 0) return 'yes'
  const isSure = measured.runs === 0 ? predicted.runs === asked.predicted : measured.runs >= VALUES_MIN
  return isSure ? 'no' : 'cannot-tell'
}

/**
 * How many replays, the first included, would tell if they vary as these do and their mean stays; null where
 * so many are none worth naming, because the prediction itself varies too much.
 */
export function replaysToTell(
  measured: Estimate,
  predicted: Estimate,
  tolerance: number,
  isRight: boolean,
): number | null {
  const half = halfOf(measured)
  if (half === null || measured.mean === null) return REPLAYS_USUAL
  const deviation = (half / studentQuantile(0.95, measured.runs - 1)) * Math.sqrt(measured.runs)
  for (let runs = measured.runs + 1; runs < REPLAYS_MAX; runs++) {
    const less = (studentQuantile(0.95, runs - 1) * deviation) / Math.sqrt(runs)
    const more = { mean: measured.mean, low95: measured.mean - less, high95: measured.mean + less, runs }
    if (decide(more, predicted, tolerance, isRight) !== 'cannot-tell') return runs + 1
  }
  return null
}
