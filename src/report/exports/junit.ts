/**
 * Gates as a JUnit report, for continuous integration: a suite, a test case per gate, a failure where it
 * isn't kept. Valid XML 1.0 whatever names hold: characters that it can't have become U+FFFD. Source: the
 * format as Jenkins and GitLab read it; W3C, Extensible Markup Language 1.0 (fifth edition), section 2.2.
 */

export interface GateCase {
  /** Of the gate, and whom it judges. */
  readonly name: string
  /** Its line: what was found beside the limit. */
  readonly text: string
  readonly isKept: boolean
}

/** @param suite what was judged */
export function junitXml(suite: string, cases: readonly GateCase[]): string {
  const failures = cases.filter(({ isKept }) => !isKept).length
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="lanewise" ${counts}>`,
    `  <testsuite name="${escaped(suite)}" ${counts} skipped="0">`,
    ...cases.flatMap(({ name, text, isKept }) => {
      const opened = `    <testcase classname="lanewise.gates" name="${escaped(name)}"`
      if (isKept) return [`${opened}/>`]
      return [
        `${opened}>`,
        `      <failure type="gate" message="${escaped(text)}">${escaped(text)}</failure>`,
        '    </testcase>',
      ]
    }),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

function escaped(text: string): string {
  return text

    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"\t\n\r]/g, (character) => ENTITIES[character]!)
}
