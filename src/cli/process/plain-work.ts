/**
 * Work that needs nobody who may kill it: a plain comparison of built-in policies, on files that can be read
 * and that can't name a module. It runs no code of a user's, nothing that it opens makes it wait, and the
 * simulator looks for signals between chunks. So it is spared the second process, which takes as long to
 * start as Node does. Whatever has a slash may name a module, so that of scenarios in doubt none is plain.
 */
import { readFileSync, statSync } from 'node:fs'

/** A longer scenario may take long to read. */
const TEXT_BYTES_MAX = 1 << 16
const CAPTURE = /\.(pcap|pcapng|cap|dmp)(\.gz)?$/i
/** In every path that is taken for a module (scenario/known-policies.ts), also where YAML escapes it. */
const MODULE = /[\\/]|\.[cm]?[jt]s/
/** Comments before anything else: later ones may be lines of a text. */
const OPENING = /^(#.*\r?\n)+/
/** Scans, files that are read, and packet traces: to remove the parts of many runs takes its time. */
const IS_MORE = /^(-P|-L|--scan|--scan-list|--resume|--calibration|--trace)/
/** Where results go is no input, whatever it looks like. */
const OUTPUT = /^(-o|--output|--junit)$/
const OUTPUT_WITH_VALUE = /^(-o.|--output=|--junit=)/
const POLICY = /^(-p|--policy)$/

/** @param argv the verb and its words */
export function isPlainWork([verb, ...words]: readonly string[]): boolean {
  if (verb !== 'compare') return false
  return words.every((word, i) => {
    const before = words[i - 1] ?? ''
    if (OUTPUT.test(before) || OUTPUT_WITH_VALUE.test(word)) return true
    if (word === '-' || IS_MORE.test(word)) return false
    return POLICY.test(before) ? !MODULE.test(word) : isPlain(word)
  })
}

function isPlain(word: string): boolean {
  const stats = statSync(word, { throwIfNoEntry: false })
  if (stats === undefined) return !MODULE.test(word)
  if (!stats.isFile()) return stats.isDirectory()
  if (CAPTURE.test(word)) return true
  return stats.size <= TEXT_BYTES_MAX && !MODULE.test(readFileSync(word, 'utf8').replace(OPENING, ''))
}
