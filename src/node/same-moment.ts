/**
 * A signal to a whole process group may show first as an error: it ends what a user's policy or this process
 * has started (`sleep` of a policy, esbuild, unshare), and that is told before the signal is. So whoever is
 * about to blame somebody for an error waits for this, and asks the abort signal again. How to wait, the
 * process says that hears the signals (cli/process/signals.ts); without one there is nothing to wait for.
 */
let wait: () => Promise<void> = async () => {}

export function explainSameMoment(how: () => Promise<void>): void {
  wait = how
}

/** Resolves when a signal that came in the same moment as what has just happened has aborted the work. */
export function sameMoment(): Promise<void> {
  return wait()
}
