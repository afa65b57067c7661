/**
 * Threads that simulate runs. A pool serves all runs of a command, whatever their scenarios, because a thread
 * takes longer to start than many a run; what a run gives depends on its task alone, not on the thread or on
 * the others.
 */
import type { Piscina } from 'piscina'
import { UserError } from '../errors.ts'
import type { RunResult } from '../metrics/result.ts'
import type { ResolvedScenario } from '../run/plan.ts'
import type { Outcome, RunProgress, RunTask } from './run-worker.ts'
import { sameMoment } from './same-moment.ts'
import { thrownLater } from './thrown-later.ts'

export interface Pool<Task, Result> {
  /** Rejects with a UserError for a user's mistake; the pool goes on without the thread that ended. */
  run(task: Task): Promise<Result>
  /** Ends all threads, also those at work. */
  close(): Promise<void>
}

/** Does the work with the pool, and ends its threads when that is done, fails or is aborted, also before. */
export async function withPool(
  pool: Pick<Pool<unknown, unknown>, 'close'>,
  signal: AbortSignal | undefined,
  work: () => Promise<unknown>,
): Promise<void> {
  const over = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over.signal })
  })
  try {
    signal?.throwIfAborted()
    await Promise.race([aborted, work()])
  } finally {
    over.abort()
    await pool.close()
  }
}

/**
 * Starts so many threads.
 * @param module of the function that they execute, without its extension; @param name of that function
 */
export async function startThreads(module: URL, name: string, threads: number): Promise<Piscina> {
  const { Piscina } = await import('piscina')
  const isSource = import.meta.url.endsWith('.ts')
  return new Piscina({
    filename: `${module.href}${isSource ? '.ts' : '.js'}`,
    name,
    minThreads: threads,
    maxThreads: threads,
    // Not inherited: `--import tsx` is looked up in the current folder, which may be any. And piscina would
    // require() the worker, an ES module; a thread that is ended while it does that takes the process with it
    // (Node 20 to 24).
    execArgv: ['--no-experimental-require-module', ...(isSource ? fromSources() : [])],
  })
}

/** tsx for what a thread imports, then and later; by itself it is in a thread for require() only. */
function fromSources(): readonly string[] {
  const code = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register()`
  // Node warns of the require() that piscina tries.
  return ['--no-warnings', '--import', `data:text/javascript,${encodeURIComponent(code)}`]
}

/** Starts so many threads for runs. */
export const openPool = (
  threads: number,
  onProgress: (progress: RunProgress) => void,
): Promise<Pool<RunTask, RunResult>> =>
  poolOf(new URL('./run-worker', import.meta.url), 'runTask', threads, onProgress)

/** The same for a function of another module, which gives an {@link Outcome}. */
export async function poolOf<Task extends { readonly resolved: ResolvedScenario }, Result>(
  module: URL,
  name: string,
  threads: number,
  onProgress: (progress: RunProgress) => void,
): Promise<Pool<Task, Result>> {
  const pool = await startThreads(module, name, threads)
  let stopping = false
  // Threads that are still at work when the pool is destroyed have nobody to report to, which piscina calls
  // an error.
  pool.on('error', (error: Error) => {
    if (!stopping) throw error
  })
  pool.on('message', onProgress)
  return {
    async run(task) {
      let outcome: Outcome<Result>
      try {
        outcome = await pool.run(task)
      } catch (error) {
        throw threadFailure(error, task.resolved)
      } finally {
        // What a user's policy ran into may be a signal to all.
        if (hasModules(task.resolved)) await sameMoment()
      }
      if ('mistake' in outcome) throw new UserError(outcome.mistake.lines, outcome.mistake.exitCode)
      return outcome.result
    },
    async close() {
      stopping = true
      await pool.destroy()
    },
  }
}

export function hasModules({ policies }: ResolvedScenario): boolean {
  return policies.some(({ module }) => module !== undefined)
}

/**
 * What ended a thread, as the user's mistake where it is one: that a policy called exit can only be guessed.
 */
function threadFailure(error: unknown, { policies }: ResolvedScenario): unknown {
  const own = policies.filter(({ module }) => module !== undefined).map(({ label }) => label)
  if (own.length > 0 && error instanceof Error && /^worker exited with code/.test(error.message)) {
    return new UserError(`policy ${own.join(' or ')}: its thread ended within a run - a policy must not exit`)
  }
  return thrownLater(error) ?? error
}
