/**
 * The constructed case of a TTL that can be computed: lanes at 1.5 times their capacity whose full queues
 * drop, fixed work w, c places, and in every flow silences uniform on [0, 2 (c + 1) w]. A packet stays at
 * most (c + 1) w, so from that TTL on no move is unsafe, and below it some are.
 * scenarios/captures/full-queues.pcap.gz is such a capture; made again by LANEWISE_UPDATE=1 node --import tsx
 * --test src/tune/full-queues.test.ts.
 */
import { CaptureWriter } from '../node/pcap-writer.ts'
import { randomStream } from '../sim/random.ts'

const ETHERNET = 1

export interface FullQueues {
  readonly lanes: number
  readonly workNs: number
  readonly capacityPackets: number
  readonly packets: number
  readonly seed: number
}

/** Of the committed capture. */
export const COMMITTED: FullQueues = { lanes: 2, workNs: 100e3, capacityPackets: 7, packets: 5000, seed: 1 }

export function longestStayNs({ workNs, capacityPackets }: FullQueues): number {
  return (capacityPackets + 1) * workNs
}

/** Writes the capture: UDP packets of 28 bytes from 10.0.0.1, a source port per flow. */
export function writeFullQueues(path: string, made: FullQueues): void {
  const stayNs = longestStayNs(made)
  // Each flow sends every (c + 1) w on average, so that many together ask for 1.5 lanes per lane.
  const flows = Math.round((1.5 * made.lanes * stayNs) / made.workNs)
  const random = randomStream(made.seed, 0, 'full queues')
  const dueNs = Array.from({ length: flows }, () => random() * stayNs)
  const frame = Buffer.alloc(42)
  Buffer.from('0200000000020200000000010800', 'hex').copy(frame)
  Buffer.from('4500001c00004000401100000a0000010a000002', 'hex').copy(frame, 14)
  frame.writeUInt16BE(443, 36)
  frame.writeUInt16BE(8, 38)
  const capture = new CaptureWriter(path, ETHERNET)
  for (let i = 0; i < made.packets; i++) {
    const flow = dueNs.indexOf(Math.min(...dueNs))
    const nowNs = Math.round(dueNs[flow]!)
    frame.writeUInt16BE(1000 + flow, 34)
    capture.write(1_700_000_000 + Math.floor(nowNs / 1e9), nowNs % 1e9, frame)
    dueNs[flow] = nowNs + random() * 2 * stayNs
  }
  capture.close()
}
