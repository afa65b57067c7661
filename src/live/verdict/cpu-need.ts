/**
 * How much CPU a replay will need, before it starts: an overloaded machine measures itself. The costs per
 * packet are those of a prototype on two cores (sending, reading, handing over, writing, collecting) and hold
 * to a factor of two.
 */
import { createCipheriv } from 'node:crypto'
import { nowNs } from '../threads/clock.ts'
import type { WorkKind } from '../threads/work.ts'

/** All threads together, per packet, without work. */
const PIPELINE_NS = 30_000
/** The injector spins that long before each packet. */
const SPIN_NS = 100_000
const TRIALS = 200
export const SAFE_SHARE = 0.8

export interface CpuNeed {
  /** Cores that will be busy. */
  readonly cores: number
  /** Is that more than 80 % of what there is? */
  readonly isTooMuch: boolean
}

/** @param packetsPerSecond mean rate, NaN at topspeed @param sizeBytes mean @param cores of the machine */
export function cpuNeed(work: WorkKind, packetsPerSecond: number, sizeBytes: number, cores: number): CpuNeed {
  if (Number.isNaN(packetsPerSecond)) return { cores: Number.NaN, isTooMuch: false }
  const injector = Math.min(1, (packetsPerSecond * SPIN_NS) / 1e9)
  const need = injector + (packetsPerSecond * (PIPELINE_NS + workNs(work, sizeBytes))) / 1e9
  return { cores: need, isTooMuch: need > SAFE_SHARE * cores }
}

/** CPU time of the work itself, measured: lanes that model a service time sleep. */
function workNs(work: WorkKind, sizeBytes: number): number {
  if (work === 'model' || work === 'none') return 0
  const bytes = Buffer.alloc(Math.max(1, Math.round(sizeBytes)))
  const startNs = nowNs(0n)
  for (let i = 0; i < TRIALS; i++) {
    const cipher =
      work === 'aes-256-gcm'
        ? createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12))
        : createCipheriv('chacha20-poly1305', Buffer.alloc(32), Buffer.alloc(12), { authTagLength: 16 })
    cipher.update(bytes)
    cipher.final()
  }
  return (nowNs(0n) - startNs) / TRIALS
}
