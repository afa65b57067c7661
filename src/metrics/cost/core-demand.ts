/**
 * What a run's packets ask of the cores that reader, lanes and receivers share: the time that each takes of a
 * core, whoever works on it, over what all cores have. A pass of the reader is counted as if it were full,
 * lanes and receivers as if all had the same share of the packets. Spinning and waking up are no work.
 */
import { workNs } from '../../model/machine/service-time.ts'
import type { PacketChunk } from '../../model/packets/chunk.ts'
import type { MachineSettings } from '../../model/pipeline-settings.ts'

/** Of threads of one kind: what a packet takes on the mean of them. */
interface MeanWork {
  readonly fixedNs: number
  readonly perByteNs: number
  readonly speed: number
}

export class CoreDemand {
  readonly count: number
  sumNs = 0
  /** The most of one window. */
  peakNs = 0
  private readonly windowNs: number
  private readonly readNs: number
  private readonly lane: MeanWork
  private readonly receiver: MeanWork | undefined
  private window = -1
  private inWindowNs = 0

  constructor(count: number, { reader, lanes, receiver }: MachineSettings, windowNs: number) {
    this.count = count
    this.windowNs = windowNs
    this.readNs = reader.perPacketNs + reader.perPassNs / reader.batch
    this.lane = meanWork(lanes)
    this.receiver = receiver && meanWork(receiver)
  }

  /** Of a chunk: the packets of the sample. */
  add(chunk: PacketChunk): void {
    const { count, arrivalNs, sizeBytes, serviceDraw, receiverDraw, flowNumber } = chunk
    const { lane, receiver } = this
    for (let i = 0; i < count; i++) {
      if (flowNumber[i]! < 0) continue
      let timeNs = this.readNs + workNs(lane, sizeBytes[i]!, serviceDraw[i]!) / lane.speed
      if (receiver !== undefined) {
        const draw = chunk.hasReceivers ? receiverDraw[i]! : 0
        timeNs += workNs(receiver, sizeBytes[i]!, draw) / receiver.speed
      }
      const window = Math.floor(arrivalNs[i]! / this.windowNs)
      if (window !== this.window) this.inWindowNs = 0
      this.window = window
      this.inWindowNs += timeNs
      this.sumNs += timeNs
      this.peakNs = Math.max(this.peakNs, this.inWindowNs)
    }
  }
}

function meanWork(threads: Readonly<Record<'fixedNs' | 'perByteNs' | 'speed', readonly number[]>>): MeanWork {
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
  return { fixedNs: mean(threads.fixedNs), perByteNs: mean(threads.perByteNs), speed: mean(threads.speed) }
}
