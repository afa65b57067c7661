/** Starts a thread of the live path, from the compiled program or, under tsx, from the sources. */
import { Worker } from 'node:worker_threads'

/** @param file of ours, by its path without extension; @param workerData plain data and shared memory */
export function startThread(file: string, workerData: unknown): Worker {
  // Options of this process may name loaders relative to some folder: threads don't inherit them.
  const options = { workerData, execArgv: [] }
  const isSource = import.meta.url.endsWith('.ts')
  const url = new URL(`${file}${isSource ? '.ts' : '.js'}`, import.meta.url)
  if (!isSource) return new Worker(url, options)
  const tsx = import.meta.resolve('tsx/esm/api')
  const boot = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(url.href)}) })`
  return new Worker(boot, { ...options, eval: true })
}
