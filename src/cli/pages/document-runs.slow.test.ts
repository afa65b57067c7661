/** The shell and the files that documents' commands are run with, on commands that need all of them. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, test } from 'node:test'
import { documentFiles } from './document-files.testing.ts'
import { mistakesOf, openShell } from './document-runs.testing.ts'
import { blocksOf } from './documents.testing.ts'

const isBuilt = existsSync(new URL('../../../dist/cli/main.js', import.meta.url))
const skip = isBuilt ? false : 'run npm run build first'
const files = documentFiles()
const shell = openShell(files)
after(() => {
  shell.remove()
  files.remove()
})

/** What is wrong with the commands of a shell block. */
async function mistakes(said: string, commands: string): Promise<string[]> {
  const [block] = blocksOf('page.md', `${said}\n\`\`\`sh\n${commands}\n\`\`\`\n`)
  const outcomes = await shell.run(block!)
  const expected = (i: number) => (i === outcomes.length - 1 ? block!.conditions.exitCode : 0)
  return outcomes.flatMap((outcome, i) => mistakesOf(outcome, expected(i), 'page.md'))
}

test('every file that a document may ask for is one that its verb takes', { skip }, async () => {
  const captures = 'lanewise measure --sent before.pcap --received after.pcap'
  const commands = [
    [
      'arrivals.csv,gateway.yaml,my-policy.ts,small-first.ts',
      'lanewise measure arrivals.csv -q',
      'lanewise compare arrivals.csv -q -r 1 -p any-idle',
      'lanewise compare gateway.yaml -d 2s -p hash -p ./my-policy.ts:belowBytes=300 -q',
      'lanewise compare gateway.yaml -d 2s -p small-first.ts -q',
    ],
    [
      'results/office,results/office-ttl,results/office-scan,results/a-measured',
      'lanewise plot results/office -o office.html -q',
      'lanewise plot results/office-ttl --chart reorder-over-ttl -o ttl.svg',
      'lanewise plot results/office-scan --chart reorder-over-threads -o threads.svg',
      'test -s results/a-measured/report.json && lanewise list',
    ],
    ['before.pcap,after.pcap', `${captures} -q`, `${captures} --nat -f json > measured.json`],
    ['client.qlog,server.qlog', 'lanewise measure --sent client.qlog --received server.qlog -q'],
  ]
  for (const [wanted, ...lines] of commands) {
    assert.deepEqual(await mistakes(`<!-- run: with=${wanted} -->`, lines.join('\n')), [])
  }
  const gate = `${captures} --max-reordered 0.1%`
  assert.deepEqual(await mistakes('<!-- run: with=before.pcap,after.pcap exit=1 -->', gate), [])
  await assert.rejects(mistakes('<!-- run: with=office.pcap -->', 'lanewise list'), /nobody knows/)
})

test('a capture comes on standard input, also from tcpdump', { skip }, async () => {
  const commands = 'lanewise inspect - -q\ntcpdump -i any -w - | lanewise inspect - -q | grep 22,982'
  assert.deepEqual(await mistakes('<!-- run: stdin=@office -->', commands), [])
})

test('another exit code, another first line and a file that is not there are mistakes', {
  skip,
}, async () => {
  const [missing] = await mistakes('', 'npx lanewise compare office.pcap')
  assert.match(
    missing!,
    /^page.md:3 npx lanewise compare office.pcap: exit code 1 and not 0, office.pcap: no such/,
  )
  const [other] = await mistakes('', '$ lanewise list scenarios\nscenarios are these')
  assert.match(other!, /: prints "scenarios - .*" and the document shows "scenarios are these"$/)
  const [kept] = await mistakes('<!-- run: exit=2 -->', 'lanewise list')
  assert.match(kept!, /: exit code 0 and not 2/)
})
