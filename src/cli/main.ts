#!/usr/bin/env node
/**
 * The command. What runs no code of a user's and waits for no input (help, list, completion, plain
 * comparisons) is done here; everything else by a second process that this one watches and may end
 * (process/supervise.ts).
 * What is loaded with this file is next to nothing, so that it starts wherever Node does.
 */
import module from 'node:module'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { mayOpenTooFew, sayLast, sayTooFew } from './process/last-words.ts'

/**
 * From Node 22.1 on, compiled code is kept, for threads too: a start of `compare` takes a seventh less work.
 * In the package's own folder, because whoever may write there may change the code anyway; where that isn't
 * allowed nothing is kept.
 */
function keepCompiledCode(): void {
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown }
  const folder = fileURLToPath(new URL('../../node_modules/.cache/lanewise', import.meta.url))
  enableCompileCache?.(folder)
  process.env.NODE_COMPILE_CACHE ??= folder
}

/** Does it run no code of a user's and open no input but what comes with lanewise? In doubt it does. */
function isHarmless([verb, ...words]: readonly string[]): boolean {
  if (verb === undefined || /^(-h|--help|-V|--version|help|list|completion)$/.test(verb)) return true
  return words.length === 1 && /^(-h|--help)$/.test(words[0]!)
}

/**
 * Under sudo this process becomes the user's, unless the work needs one of root's for devices: then what to
 * put before that one's command. False: it can't go on, which has been said.
 */
async function underSudo(argv: readonly string[]): Promise<readonly string[] | undefined | false> {
  if (process.geteuid?.() !== 0 || process.env.SUDO_UID === undefined) return undefined
  const { become, servedBy, sudoUser } = await import('./process/sudo-user.ts')
  const user = sudoUser()
  if (user === undefined) return undefined
  const served = await servedBy(argv)
  return served ?? (become(user) ? undefined : false)
}

async function main(argv: readonly string[]): Promise<void> {
  if (mayOpenTooFew()) return sayTooFew()
  const served = await underSudo(argv)
  if (served === false) return
  keepCompiledCode()
  const { isPlainWork } = await import('./process/plain-work.ts')
  // Windows has no signals that could be passed on.
  if (!isHarmless(argv) && !isPlainWork(argv) && process.platform !== 'win32') {
    const { supervise } = await import('./process/supervise.ts')
    process.exit(await supervise(argv, served))
  }
  const { runProcess } = await import('./process/run-process.ts')
  const { ownSignals } = await import('./process/signals.ts')
  await runProcess(argv, ownSignals())
}

await main(process.argv.slice(2)).catch(sayLast)
