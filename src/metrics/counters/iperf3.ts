/**
 * What `iperf3 -u` reports of one stream (esnet/iperf, src/iperf_udp.c, iperf_udp_recv): datagrams lost and
 * out of order. A datagram that isn't above the greatest number counts as out of order and takes back a loss,
 * also where it is a duplicate. Not modelled: its jitter (see rtp-jitter.ts), and reports per interval.
 */

export class Iperf3Counter {
  /** Greatest number so far, counted from 1 as iperf3 does: the datagrams that must have been sent. */
  packetCount = 0
  lost = 0
  outOfOrder = 0

  /** A datagram arrives. @param number of the datagram, from 0 */
  record(number: number): void {
    const sequence = number + 1
    if (sequence > this.packetCount) {
      this.lost += sequence - 1 - this.packetCount
      this.packetCount = sequence
    } else {
      this.outOfOrder++
      if (this.lost > 0) this.lost--
    }
  }
}
