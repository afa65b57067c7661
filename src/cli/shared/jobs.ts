/** What -j takes. */
import { UserError } from '../../errors.ts'

/** Threads; undefined: what the machine has. Throws UserError. */
export function jobsOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const jobs = Number(given)
  if (/^\d+$/.test(given) && jobs >= 1 && jobs <= 1024) return jobs
  throw new UserError(
    `-j ${given}: expected a number of threads from 1 to 1024 - leave it out for the default`,
    2,
  )
}
