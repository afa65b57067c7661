/** Test support: captures of few packets, and of packets whose mark stands far behind their begin. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ipv6, pcap, tcp, udp } from '../traffic/capture/captures.testing.ts'

const RAW_IP = 101
const DESTINATION_OPTIONS = 60
const UDP = 17
const TCP = 6

/** An extension header of 8 * (1 + units) bytes with nothing but padding in it. */
function padded(next: number, units: number, content: Buffer): Buffer {
  const header = Buffer.alloc(8 * (1 + units))
  header[0] = next
  header[1] = units
  // PadN options, each of at most 257 bytes.
  for (let at = 2; at < header.length; ) {
    const bytes = Math.min(header.length - at, 257)
    if (bytes > 1) header.set([1, bytes - 2], at)
    at += bytes
  }
  return Buffer.concat([header, content])
}

/** An IPv6 packet with so many extension headers of `units` * 8 + 8 bytes each in front of UDP or TCP. */
export function behindHeaders(headers: number, units: number, protocol: 6 | 17 = UDP): Buffer {
  let content = protocol === TCP ? tcp(1000, 2000, 0) : udp(1000, 2000, 20)
  let next: number = protocol
  for (let i = 0; i < headers; i++) {
    content = padded(next, units, content)
    next = DESTINATION_OPTIONS
  }
  return ipv6(next, content)
}

/** A capture of these IP packets, 1 ms apart, in a folder that goes with the process. */
export function captureOf(packets: readonly Buffer[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'made.pcap')
  const records = packets.map((frame, i) => ({ seconds: 1, fraction: i * 1000, frame }))
  writeFileSync(file, pcap(records, { linkType: RAW_IP }))
  return file
}

/** 1 to 8 headers of three lengths, before UDP and TCP: marks from 56 to 2,124 bytes behind the begin. */
export function deepPackets(): Buffer[] {
  const packets: Buffer[] = []
  for (let headers = 1; headers <= 8; headers++) {
    for (const units of [0, 7, 31])
      packets.push(behindHeaders(headers, units), behindHeaders(headers, units, TCP))
  }
  return packets
}
