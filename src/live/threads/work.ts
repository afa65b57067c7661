/**
 * What a live lane does with a packet: nothing, real encryption into memory that is thrown away (the original
 * packet is written, since a TUN device refuses ciphertext), or the service time that the scenario draws,
 * slept until shortly before its end and then spun. Sleeping ends late by tens of microseconds; spinning
 * hides that where there are cores for it. What the work took is in the record, not what was asked for.
 */
import { createCipheriv } from 'node:crypto'
import type { LaneSettings } from '../../model/machine/lane.ts'
import type { Pause } from './pause.ts'

export const WORK_KINDS = ['model', 'aes-256-gcm', 'chacha20-poly1305', 'none'] as const
export type WorkKind = (typeof WORK_KINDS)[number]

/** What the service time model needs of the scenario, as plain data. */
export type WorkModel = Pick<LaneSettings, 'speed' | 'fixedNs' | 'perByteNs'>

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Works on a packet that the lane began at `startNs`; false when the replay was ended meanwhile. */
export type Work = (
  bytes: Buffer,
  at: number,
  lengthBytes: number,
  startNs: number,
  workNs: number,
) => boolean

/** @param pause how this lane waits */
export function workOf(kind: WorkKind, pause: Pause): Work {
  if (kind === 'none') return () => true
  if (kind === 'model') return (_bytes, _at, _length, startNs, workNs) => pause.until(startNs + workNs)
  return encryption(kind)
}

function encryption(kind: 'aes-256-gcm' | 'chacha20-poly1305'): Work {
  const key = Buffer.alloc(KEY_BYTES, 1)
  const nonce = Buffer.alloc(NONCE_BYTES)
  let counter = 0
  return (bytes, at, lengthBytes) => {
    nonce.writeUInt32LE(counter++ >>> 0, 0)
    // The types know the two algorithms one by one only.
    const cipher = createCipheriv(kind as 'aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    cipher.update(bytes.subarray(at, at + lengthBytes))
    cipher.final()
    cipher.getAuthTag()
    return true
  }
}
