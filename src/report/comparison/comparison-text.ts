/**
 * What stands above and below the table: where the packets came from and how much work they are, what the
 * columns mean, and when a comparison says little, why and what to do. Plain sentences; the formats lay them
 * out.
 */
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import { counted, formatDurationNs, significant } from '../../units.ts'
import { captureName } from '../parts/capture-name.ts'
import { countText } from '../parts/format-cell.ts'
import { legendOf } from '../parts/metric-columns.ts'
import { COMPARED, differs, HEADLINE } from './columns.ts'
import { MEASURED_ROW } from './measured-row.ts'
import type { Report, ReportVerdict } from './report.ts'

const GOOD_LOAD = 0.7
const PEAK_WINDOW_NS = 10e6

/** What the head is made of; results of 0.1.0 have no verdict. */
export type Headed = Omit<Report, 'verdict'> & {
  readonly verdict?: Pick<ReportVerdict, 'restsOn'> | undefined
}

/** Named facts: source, lanes, load, runs. */
export function headFacts(report: Headed): [name: string, text: string][] {
  const { scenario, load, runs, runsPlanned, seed } = report
  const { packets, flows, packetsPerSecond, spanNs, workNsMean } = load.mean
  const isRecorded = !('synthetic' in scenario.source)
  const rate = packetsPerSecond === null ? '' : `, ${countText(packetsPerSecond)} packets/s`
  const traffic = `${countText(packets)} packets of ${countText(flows)} ${flows === 1 ? 'flow' : 'flows'}${rate} over ${formatDurationNs(spanNs)}`
  const warmup = scenario.warmup === '0s' ? '' : `, after ${scenario.warmup} of warm-up`
  const work =
    workNsMean === null ? '' : `, ${formatDurationNs(workNsMean)} of work per packet (${restsText(report)})`
  return [
    ['source', `${sourceName(report)}: ${traffic}${directionText(report)}${warmup}${arrivalsText(report)}`],
    ['lanes', `${lanesText(scenario)}${work}${machineText(report)}`],
    ['load', loadText(report)],
    ['runs', `${runsText(runs, runsPlanned, isRecorded)}, seed ${seed}`],
  ]
}

/** Where lanes are assumed although this machine has been measured: no part of a report, whose bytes stay. */
export function machineFact({ verdict }: Headed): [name: string, text: string][] {
  const isAssumed = verdict?.restsOn.lanes === 'assumed'
  return isAssumed ? [['hint', 'this machine has been measured: --calibration machine']] : []
}

/** Where the lanes' work comes from. */
function restsText({ verdict }: Headed): string {
  const restsOn = verdict?.restsOn
  return restsOn === undefined || restsOn.lanes === 'assumed' ? 'assumed: set yours' : calibratedText(restsOn)
}

/** Which calibration, and how well it held out. */
export function calibratedText({
  file,
  calibration,
}: Pick<ReportVerdict['restsOn'], 'file' | 'calibration'>): string {
  const miss = calibration?.missRatioMax ?? null
  const like = calibration?.builtLike
  const what = like === undefined ? `calibrated on ${file}` : `built like ${file}, calibrated ${like}`
  return `${what}${miss === null ? '' : `, holds out within ${significant(miss * 100, 2)}%`}`
}

function directionText({ scenario: { source } }: Headed): string {
  if (!('capture' in source)) return ''
  return source.direction === 'both' ? ', direction both' : `, from ${source.direction.inside.join(', ')}`
}

/** What of an arrivals CSV was lost where it was measured, and whose addresses its flows have. */
function arrivalsText({ lost, rewritten, addresses }: Headed): string {
  if (addresses === undefined) return ''
  const counts = [
    ...(lost ? [`${countText(lost)} of them lost there`] : []),
    ...(rewritten ? [`${countText(rewritten)} rewritten`] : []),
  ]
  const made =
    addresses === 'given'
      ? ''
      : '; it has no addresses, so each flow has a UDP 5-tuple and an address pair of its own, made up'
  return `${counts.map((text) => `, ${text}`).join('')}${made}`
}

/** What else a reader must know of the machine to judge the table: who reads, and who restores order. */
function machineText({ scenario: { topology, release } }: Headed): string {
  const reading = { dispatcher: '', shared: ', all read one queue', 'multi-queue': ', a TUN queue each' }[
    topology
  ]
  const order = release === 'none' ? '' : `, released by ${Object.keys(release)[0]}`
  return `${reading}${order}`
}

function sourceName({ scenario: { source } }: Headed): string {
  if ('capture' in source) return captureName(source.capture)
  if ('arrivals' in source) return source.arrivals
  const { arrivals } = source.synthetic
  if (typeof arrivals === 'string') return `synthetic ${arrivals}`
  const [name, parameters] = Object.entries(arrivals)[0]!
  const given = Object.entries(parameters as object).map(([key, value]) =>
    Array.isArray(value) ? `${value.length} ${key}` : `${key} ${value}`,
  )
  return `synthetic ${name} (${given.join(', ')})`
}

function lanesText({ lanes: { count, cores: own }, cores, receiver }: Report['scenario']): string {
  const far = receiver === undefined ? '' : ` and ${receiver.count ?? count} threads at the far end`
  if (cores !== undefined) return `${count}${far} on ${counted(cores.count, 'core')}, the reader too`
  if (own === 'all' || own >= count) return `${count}${far}`
  return `${count} on ${counted(own, 'core')}${far}`
}

/** Loads are means over time: what follows from bursts stands beside them. */
function loadText({ load: { mean }, scenario }: Headed): string {
  if (mean.load === null) return 'unknown (the packets span no time)'
  const peak =
    mean.loadPeak10ms === null || mean.spanNs < PEAK_WINDOW_NS
      ? ''
      : `, ${percent(mean.loadPeak10ms)} in the busiest 10 ms`
  const whose = scenario.cores === undefined ? 'the lanes' : 'lanes and cores'
  return `${percent(mean.load)} of what ${whose} can do${peak}${burstText(mean.overlappingRatio)}`
}

function burstText(overlapping: number | null): string {
  if (overlapping === null || overlapping === 0) return ''
  return `; ${percent(overlapping)} of packets overlap another`
}

function percent(ratio: number): string {
  return `${significant(ratio * 100)}%`
}

function runsText(runs: number, planned: number, isCapture: boolean): string {
  const finished = runs < planned ? `${runs} of ${planned}` : String(runs)
  if (planned === 1) return finished
  const same = isCapture ? 'same arrivals, other service times' : 'each with its own random numbers'
  return `${finished} (${same})`
}

/** Who reorders least, in one sentence; none where there is nothing to compare. */
export function winnerText({ winner, labels, runs }: Pick<Report, 'winner' | 'labels' | 'runs'>): string[] {
  if (winner === null) return []
  const names = winner.policies.map((label) => shortName(label, labels)).join(', ')
  const { verdict, mean } = winner
  if (verdict === 'clear') return [`Fewest reordered: ${names} (each difference is beyond chance, 95 %).`]
  if (verdict === 'unclear') {
    return [`Fewest reordered: no clear winner: ${names} (a difference may be chance, 95 %).`]
  }
  if (verdict === 'no-interval') {
    const all = mean === 0 ? '0; ' : ''
    return [`Fewest reordered in the only run: ${names} (${all}one run can't rule out chance).`]
  }
  const all = mean === 0 ? '0 in' : 'in'
  return [`Fewest reordered: ${names} (equal: ${all} ${runs === 1 ? 'the only' : 'every'} run).`]
}

/** The name alone where only one policy has it. */
export function shortName(label: string, labels: readonly string[]): string {
  const name = label.split(':')[0]!
  return labels.filter((other) => other.split(':')[0] === name).length === 1 ? name : label
}

/** What the columns and marks of `table` mean. @param metrics of its columns */
export function legend(report: Report, table: string, metrics: readonly string[] = COMPARED): string[] {
  const meanings = legendOf(metrics).join(' ')
  const lines = meanings === '' ? [] : [meanings]
  const sample = sampleText(report)
  if (table.includes('±')) lines.push(`±: half of the 95 % interval over ${sample}.`)
  if (metrics.includes(HEADLINE) && report.records.some(differs)) {
    lines.push(
      `* ${shownMetric(HEADLINE).shortTitle} differs from ${report.reference} (pairs of ${sample}, 95 % interval without 0).`,
    )
  }
  if (report.measured) lines.push(measuredText(report))
  if (/\(<\d/.test(table)) lines.push('0 (<x%): none seen; with 95 % confidence it is less than x%.')
  lines.push('A lane is a thread that works on packets. Not modelled: senders that slow down (open loop).')
  return lines
}

/** What the row of an arrivals CSV's own measurement is. */
function measuredText({ scenario: { source, duration, warmup } }: Report): string {
  const isRescaled = !('synthetic' in source) && (source.speed !== 1 || source.packetsPerSecond !== undefined)
  const isPart = duration !== undefined || warmup !== '0s'
  const notes = [...(isPart ? ['over the whole file'] : []), ...(isRescaled ? ['at its own rate'] : [])]
  const how = notes.length === 0 ? '' : `, ${notes.join(', ')}`
  return `${MEASURED_ROW}: what was measured on the system that the file is of (lanewise measure)${how}.`
}

/** What intervals are over: runs, or parts of the only one. */
export function sampleText({ runs, records }: Report): string {
  if (runs > 1) return `${runs} runs`
  const batches = records.map(({ metrics }) => metrics.reorderedRatio?.batches ?? 0)
  return `${Math.max(...batches)} parts of the run`
}

/** The key that sets the mean rate of its traffic. */
export function rateKeyOf({ source }: Report['scenario']): string {
  return 'synthetic' in source ? 'source.synthetic.packetsPerSecond' : 'source.packetsPerSecond'
}

/** Why there is not a single packet in the sample, as far as the scenario tells, and the cure. */
export function nothingJudged({ source, warmup, duration }: Report['scenario']): string {
  const hasWarmup = warmup !== '0s'
  const from = source.direction === 'both' ? '' : ` from ${source.direction.inside.join(', ')}`
  const cures: string[] = []
  if (from !== '') cures.push('check the prefixes of source.direction.inside')
  if (hasWarmup && !('synthetic' in source)) cures.push('shorten the warm-up (-w 0s)')
  else if (duration !== undefined) cures.push('lengthen the duration (-d 10s)')
  if (cures.length === 0) cures.push('see what the capture holds (lanewise inspect)')
  const cure = cures.join(', or ')
  return `No packet arrived${from}${hasWarmup ? ' after the warm-up' : ''}, so there is nothing to compare: ${cure}.`
}

/** Why this comparison says little, each with its cure. */
export function hints(report: Report): string[] {
  const { scenario, load, runs } = report
  const { mean } = load
  if (mean.packets === 0) return [nothingJudged(scenario)]
  const rate = mean.packetsPerSecondAtLoad70
  const cure = rate === null ? '' : `--set ${rateKeyOf(scenario)}=${Number(rate.toPrecision(2))}`
  const found: string[] = []
  const nothingReordered = report.records.every(({ metrics }) => !metrics['tunnel.reorderedRatio']?.count)
  if (mean.overlappingRatio === 0 && nothingReordered && cure !== '') {
    found.push(
      'No two packets overlap: each is finished before the next arrives, and nothing was reordered. ' +
        `For a mean load of ${percent(GOOD_LOAD)}: ${cure}`,
    )
  }
  if (mean.load !== null && mean.load > 1) {
    found.push(
      `The load of ${percent(mean.load)} is more than the lanes can do: queues fill, then packets are dropped, ` +
        `and latency only shows how long the queues are. For a mean load of ${percent(GOOD_LOAD)}: ${cure}`,
    )
  }
  if (runs < report.runsPlanned) found.push(`Only ${runs} of ${report.runsPlanned} runs are in this report.`)
  return found
}
