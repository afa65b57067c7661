/**
 * Interarrival jitter of RTP (RFC 3550 section 6.4.1): a running mean of the changes in transit time between
 * packets in order of arrival, each new one weighing 1/16. Beside the exact form there is the integer form of
 * appendix A.8, which is what RTP receivers report. Sender and receiver clocks need not agree. iperf3 uses
 * the exact form.
 */

export class RtpJitter {
  /** In the unit of the times recorded. */
  jitter = 0

  private transit = Number.NaN
  /** Sixteen times the jitter, as in appendix A.8. */
  private scaled = 0

  /**
   * A packet arrives. @param sent when it was sent; @param arrived, in the same unit, whole for the integer
   * form
   */
  record(sent: number, arrived: number): void {
    const transit = arrived - sent
    const isFirst = Number.isNaN(this.transit)
    const change = isFirst ? 0 : Math.abs(transit - this.transit)
    this.transit = transit
    if (isFirst) return
    this.jitter += (change - this.jitter) / 16
    this.scaled += change - Math.floor((this.scaled + 8) / 16)
  }

  /** The integer form, as reported in RTCP; in the unit of the times recorded. */
  get reported(): number {
    return Math.floor(this.scaled / 16)
  }
}
