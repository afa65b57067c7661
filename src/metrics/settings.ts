/** What metrics assume beyond the packets themselves: the scenario's `assume`, in numbers. */
import type { DensitySettings } from './order/densities.ts'
import type { RoundTrip } from './order/loss-rules.ts'

export interface MetricSettings {
  /** Do TCP's and QUIC's rules judge every packet? Synthetic packets stand for either. */
  readonly judgesAll: boolean
  readonly roundTrip: RoundTrip
  /** Depths of play-out buffers, with the text that names them. */
  readonly playouts: ReadonlyArray<{ readonly label: string; readonly depthNs: number }>
  /** Sizes of replay windows, packets. */
  readonly replayWindows: readonly number[]
  readonly densities: DensitySettings
  /** No packet takes less from the source to the sink, ns. */
  readonly smallestDelayNs: number
}
