/**
 * Whose mistake it is what was thrown outside of every call: policy-modules.ts knows, and says how to find
 * out once it is loaded. Whoever asks needs to load nothing: before that no user's policy was there.
 */
import type { UserError } from '../errors.ts'

type Explain = (error: unknown) => UserError | undefined

let explain: Explain | undefined

export function explainThrownLater(how: Explain): void {
  explain = how
}

/** The user's mistake; undefined where it isn't one. */
export function thrownLater(error: unknown): UserError | undefined {
  return explain?.(error)
}
