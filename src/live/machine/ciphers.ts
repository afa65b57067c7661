/** What is measured of encryption: the work of replays that encrypts. Apart, because it loads nothing. */
import type { WorkKind } from '../threads/work.ts'

export const CIPHERS = ['aes-256-gcm', 'chacha20-poly1305'] as const satisfies readonly WorkKind[]
export type Cipher = (typeof CIPHERS)[number]
