/** What is asked of a CSV before it is known to be read: its separator, addresses, the file beside it. */

const SEPARATORS = [',', ';', '\t']

/** What stands between the columns of a header that begins so. */
export function separatorOf(text: string): string {
  const first = text.split('\n', 1)[0]!
  return SEPARATORS.find((mark) => first.includes(mark)) ?? ','
}

/** Does the file with this header say who sends to whom? Nothing is thrown. */
export function hasAddresses(header: readonly string[]): boolean {
  return (['source', 'destination', 'protocol'] as const).every((name) => header.includes(name))
}

/** What the file of packets that didn't arrive may be called: `run.lost.csv` beside `run.csv.gz`. */
export function lostNames(name: string): readonly string[] {
  const stem = name.replace(/(\.\w{1,4})?(\.gz)?$/i, '')
  return [`${stem}.lost.csv`, `${stem}.lost.csv.gz`]
}
