/**
 * Work that needs nobody who may kill it: a plain comparison of built-in policies, on files that can be read
 * and in which no module is named. It runs no code of a user's, nothing that it opens makes it wait, and the
 * simulator looks for signals between chunks. So it is spared the second process, which takes as long to
 * start as Node does. In doubt work isn't plain.
 */
import { readFileSync, statSync } from 'node:fs'

/** A longer scenario may take long to read. */
const TEXT_BYTES_MAX = 1 << 16
const CAPTURE = /\.(pcap|pcapng|cap|dmp)(\.gz)?$/i
/** How the path of a policy's module may look; `../x.pcap` looks so, too, and does no harm but time. */
const MODULE = /\.[cm]?[jt]sx?\b|(^|[\s"'[,{:=])\.{0,2}\//
/** What is taken for a module behind -p (scenario/known-policies.ts). */
const MODULE_NAME = /[\\/]|\.[cm]?[jt]s\b/
/** Lines of comment, and the schema for editors. */
const NO_MODULES = /^\s*#.*$|^\s*"?\$schema"?:.*$/gm
const VARIES = /^(-P|-L|--scan|--scan-list|--resume|--calibration)/

/** Where results go is no input, whatever it looks like. */
const OUTPUT = /^(-o|--output|--trace)$/
const OUTPUT_WITH_VALUE = /^(-o.|--output=|--trace=)/

/** @param argv the verb and its words */
export function isPlainWork([verb, ...words]: readonly string[]): boolean {
  const asked = words.filter((word, i) => !OUTPUT.test(words[i - 1] ?? '') && !OUTPUT_WITH_VALUE.test(word))
  const isPolicy = (i: number) => /^(-p|--policy)$/.test(asked[i - 1] ?? '')
  return (
    verb === 'compare' &&
    asked.every(
      (word, i) =>
        word !== '-' && !VARIES.test(word) && (isPolicy(i) ? !MODULE_NAME.test(word) : isPlain(word)),
    )
  )
}

function isPlain(word: string): boolean {
  const stats = statSync(word, { throwIfNoEntry: false })
  if (stats === undefined || stats.isDirectory()) return !MODULE.test(word)
  if (!stats.isFile() || /\.[cm]?[jt]sx?$/.test(word)) return false
  if (CAPTURE.test(word)) return true
  return stats.size <= TEXT_BYTES_MAX && !MODULE.test(readFileSync(word, 'utf8').replaceAll(NO_MODULES, ''))
}
