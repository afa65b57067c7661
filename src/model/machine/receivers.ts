/**
 * A second stage of threads, behind the links: at the far end of a tunnel somebody decrypts a packet and
 * writes it. Each lane's packets have a thread of their own there (as each of the OpenVPN fork's connections
 * has), or all threads take from one queue. Queues are unlimited: what bounds them in real tunnels is the
 * window of the connection in front of them. A thread never reorders its own packets; threads overtake each
 * other as lanes do.
 */
import { NO_ROW, PacketQueue, type PacketStore } from '../packets/packet-store.ts'
import { Server } from './server.ts'
import { serviceNs, type WorkSettings } from './service-time.ts'
import type { Stalls } from './stalls.ts'

export interface ReceiverSettings {
  readonly count: number
  /** Per thread. */
  readonly speed: readonly number[]
  readonly fixedNs: readonly number[]
  readonly perByteNs: readonly number[]
  /** own: thread i has the packets of lane i. shared: the first idle thread takes the next packet. */
  readonly assign: 'own' | 'shared'
  /** Makes the stalls of a thread; undefined: it never stalls. */
  readonly stalls?: ((thread: number) => Stalls | undefined) | undefined
}

/** A thread begins with a packet, which it has to read first; told ahead. */
type OnStart = (row: number, startNs: number) => void

/** One thread. */
export class Receiver extends Server implements WorkSettings {
  readonly index: number
  readonly queue: PacketQueue
  readonly fixedNs: number
  readonly perByteNs: number
  private readonly speed: number
  private readonly store: PacketStore
  private readonly onStart: OnStart | undefined
  private hasStarted = false

  constructor(
    index: number,
    settings: ReceiverSettings,
    queue: PacketQueue,
    store: PacketStore,
    onStart: OnStart | undefined,
  ) {
    super(settings.stalls?.(index))
    this.index = index
    this.queue = queue
    this.store = store
    this.onStart = onStart
    this.speed = settings.speed[index]!
    this.fixedNs = settings.fixedNs[index]!
    this.perByteNs = settings.perByteNs[index]!
  }

  /** Takes `row`; nothing is done until `run`. */
  take(row: number): void {
    const { sizeBytes, receiverDraw } = this.store
    this.serving = row
    this.hasStarted = false
    this.serviceNs = serviceNs(this, this.speed, sizeBytes[row]!, receiverDraw[row]!)
    this.startedNs = Number.POSITIVE_INFINITY
  }

  /** Works on the packet; returns the time at which it will be finished unless paused, ns. */
  run(nowNs: number): number {
    const startNs = this.work(nowNs)
    if (!this.hasStarted) this.onStart?.(this.serving, startNs)
    this.hasStarted = true
    return this.endNs
  }
}

export class Receivers {
  readonly threads: readonly Receiver[]
  private readonly isShared: boolean

  constructor(settings: ReceiverSettings, store: PacketStore, onStart?: OnStart) {
    const common = new PacketQueue(store)
    this.isShared = settings.assign === 'shared'
    this.threads = Array.from(
      { length: settings.count },
      (_, i) => new Receiver(i, settings, this.isShared ? common : new PacketQueue(store), store, onStart),
    )
  }

  /** The thread that takes a packet of that lane now; undefined: it waits in the queue. */
  enter(row: number, lane: number): Receiver | undefined {
    const thread = this.isShared
      ? this.threads.find(({ serving }) => serving === NO_ROW)
      : this.threads[lane]!
    if (thread !== undefined && thread.serving === NO_ROW) {
      thread.take(row)
      return thread
    }
    ;(thread ?? this.threads[0]!).queue.push(row)
    return undefined
  }
}
