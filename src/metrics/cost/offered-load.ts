/**
 * What a run's packets ask of the lanes before any policy is involved: the offered load (work that arrives
 * per unit of time, as a share of what all lanes can do), its peak over 10 ms, and whether packets overlap at
 * all. Where lanes share cores with the reader and receivers the load is the share of what the cores can do,
 * if that is larger. Packets that never overlap cannot be reordered by any policy, and a comparison of
 * policies says nothing.
 */

import type { LaneSettings } from '../../model/machine/lane.ts'
import { type WorkSettings, workNs } from '../../model/machine/service-time.ts'
import { BLOCK_PACKETS, type PacketChunk } from '../../model/packets/chunk.ts'
import type { MachineSettings } from '../../model/pipeline-settings.ts'
import { CoreDemand } from './core-demand.ts'

const PEAK_WINDOW_NS = 10e6

export interface OfferedLoad {
  /** Packets, bytes and flows of the sample. */
  readonly packets: number
  readonly bytes: number
  readonly flows: number
  /** From the first to the last arrival of the sample, ns. */
  readonly spanNs: number
  readonly packetsPerSecond: number | null
  /** Mean work of a packet on a lane of speed 1, ns. */
  readonly workNsMean: number | null
  /** Share of the capacity of lanes or cores, the larger one; above 1 queues grow. */
  readonly load: number | null
  /** The busiest 10 ms (aligned to the run's start), as a load. */
  readonly loadPeak10ms: number | null
  /** Share of packets that arrive while an earlier one would still be served, were there a lane for each. */
  readonly overlappingRatio: number | null
  /** Packets per second that would give a load of 0.7. */
  readonly packetsPerSecondAtLoad70: number | null
}

export class OfferedLoadMeter {
  /** The lanes' mean. */
  private readonly work: WorkSettings
  /** What all lanes can do together; with fewer cores, each for its share of the time. */
  private readonly speedSum: number
  private readonly speedMax: number
  private readonly lanes: LaneSettings
  /** Of the cores that all threads share. */
  private readonly cores: CoreDemand | undefined
  private packets = 0
  private bytes = 0
  private flows = 0
  private firstNs = Number.NaN
  private lastNs = Number.NaN
  private workNsSum = 0
  private overlapping = 0
  private busyUntilNs = Number.NEGATIVE_INFINITY
  private readonly latestNs = new Float64Array(2)
  /** Where the window of 10 ms ends that packets arrive in now, and their work so far. */
  private binEndNs = 0
  private binWorkNs = 0
  private peakWorkNs = 0

  constructor(settings: MachineSettings) {
    const { lanes, cores } = settings
    this.lanes = lanes
    // Measured times of lanes are no work that could be divided from their waking up.
    const isKnown = cores !== undefined && lanes.measured === undefined
    this.cores = isKnown ? new CoreDemand(cores.count, settings, PEAK_WINDOW_NS) : undefined
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
    this.work = { fixedNs: mean(lanes.fixedNs), perByteNs: mean(lanes.perByteNs) }
    const coresPerLane = lanes.cores === undefined ? 1 : lanes.cores.count / lanes.count
    this.speedSum = lanes.speed.reduce((sum, value) => sum + value, 0) * coresPerLane
    this.speedMax = Math.max(...lanes.speed)
  }

  add(chunk: PacketChunk): void {
    const { count } = chunk
    this.cores?.add(chunk)
    for (let from = 0; from < count; from += BLOCK_PACKETS) {
      this.addBlock(chunk, from, Math.min(count, from + BLOCK_PACKETS))
    }
  }

  private addBlock(chunk: PacketChunk, from: number, to: number): void {
    const { arrivalNs: arrivals, sizeBytes: sizes, serviceDraw, flowNumber } = chunk
    const { work, speedMax, latestNs } = this
    const isMeasured = this.lanes.measured !== undefined
    let { packets, bytes, flows, lastNs, workNsSum, overlapping, busyUntilNs, binEndNs, binWorkNs } = this
    for (let i = from; i < to; i++) {
      if (flowNumber[i]! < 0) continue
      const arrivalNs = arrivals[i]!
      const sizeBytes = sizes[i]!
      const workOfItNs = isMeasured
        ? this.measuredWorkNs(sizeBytes, serviceDraw[i]!)
        : workNs(work, sizeBytes, serviceDraw[i]!)
      if (packets++ === 0) this.firstNs = arrivalNs
      bytes += sizeBytes
      workNsSum += workOfItNs
      if (arrivalNs >= binEndNs) {
        this.peakWorkNs = Math.max(this.peakWorkNs, binWorkNs)
        binEndNs = (Math.floor(arrivalNs / PEAK_WINDOW_NS) + 1) * PEAK_WINDOW_NS
        binWorkNs = 0
      }
      binWorkNs += workOfItNs
      flows += Number(flowNumber[i] === 0)
      overlapping += Number(arrivalNs < busyUntilNs)
      // The later of two by an index, because a branch would go either way too often.
      latestNs[0] = busyUntilNs
      latestNs[1] = arrivalNs + workOfItNs / speedMax
      busyUntilNs = latestNs[Number(latestNs[1] > busyUntilNs)]!
      lastNs = arrivalNs
    }
    this.packets = packets
    this.bytes = bytes
    this.flows = flows
    this.lastNs = lastNs
    this.workNsSum = workNsSum
    this.overlapping = overlapping
    this.busyUntilNs = busyUntilNs
    this.binEndNs = binEndNs
    this.binWorkNs = binWorkNs
  }

  result(): OfferedLoad {
    const { packets, speedSum } = this
    const spanNs = packets > 0 ? this.lastNs - this.firstNs : 0
    const workNsMean = packets > 0 ? this.workNsSum / packets : null
    const busyNs = this.busyNs(this.workNsSum, this.cores?.sumNs)
    const peakNs = this.busyNs(Math.max(this.peakWorkNs, this.binWorkNs), this.cores?.peakNs)
    return {
      packets,
      bytes: this.bytes,
      flows: this.flows,
      spanNs,
      packetsPerSecond: spanNs > 0 ? (packets - 1) / (spanNs / 1e9) : null,
      workNsMean,
      load: spanNs > 0 ? busyNs / (spanNs * speedSum) : null,
      loadPeak10ms: packets > 0 ? peakNs / (PEAK_WINDOW_NS * speedSum) : null,
      overlappingRatio: packets > 0 ? this.overlapping / packets : null,
      packetsPerSecondAtLoad70:
        packets > 0 && busyNs > 0 ? (0.7 * speedSum * 1e9) / (busyNs / packets) : null,
    }
  }

  /** The lanes' work, or what would load them as the cores are loaded, if that is more. */
  private busyNs(workNs: number, onCoresNs: number | undefined): number {
    if (onCoresNs === undefined) return workNs
    return Math.max(workNs, (onCoresNs * this.speedSum) / this.cores!.count)
  }

  /** Where service was measured: the mean over the lanes of what it is on a busy one. */
  private measuredWorkNs(sizeBytes: number, serviceDraw: number): number {
    const { measured, count } = this.lanes
    let sumNs = 0
    for (let lane = 0; lane < count; lane++) sumNs += measured!.busyNs(lane, serviceDraw, sizeBytes)
    return sumNs / count
  }
}
