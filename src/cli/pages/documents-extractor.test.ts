/** What is taken for a command in a document, on a small document of its own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Block, blocksOf, examplesOf } from './documents.testing.ts'

const fence = '```'
const page = `# A page

Run \`lanewise compare @office -d 1s\` or \`npx lanewise list policies\`, not \`lanewise inspect\`,
\`lanewise <verb> ...\`, \`--help\` or \`compare @office\`.

${fence}sh
npm ci && npm start
npx lanewise compare @02 \\
  -o results/office        # a comment
lanewise plot results/office -o a.png
${fence}

${fence}
title
${fence}

${fence}text
a.png
${fence}

${fence}yaml
source: { capture: lanewise compare x }
${fence}

<!-- run: stdin=@office with=before.pcap,results/live exit=1 -->
${fence}console
$ printf 'sequence\\n1\\n' | lanewise measure - \\
>   --max-lost 0%
standard input
  read ...
$ ls
lanewise compare x
$ sudo npx lanewise replay @voice
...
more
${fence}

<!-- skip: it never ends -->
${fence}bash
tcpdump -w - | lanewise inspect -
${fence}

<!-- run: with=gateway.yaml -->
Then \`lanewise compare gateway.yaml\` and
\`lanewise tune gateway.yaml -r 2\`.

And \`lanewise inspect mine.pcap\`.

${fence}
lanewise 0.1.0: a sentence
  lanewise list scenarios
${fence}

1. Within a list:

   ${fence}bash
   printf 'a\\n' > a.csv
   cat > b.yaml <<'END'
   source: {}
   END
   source <(lanewise completion bash)
   lanewise comapre a.csv
   ${fence}

   <!-- output -->
   ${fence}
   lanewise: unknown verb
   ${fence}
`
const blocks = blocksOf('page.md', page)
const texts = (block: Block) => block.steps.map(({ text }) => text)

test('commands are taken from shell blocks and from inline code, in order', () => {
  assert.deepEqual(blocks.map(texts), [
    ['lanewise compare @office -d 1s'],
    ['npx lanewise list policies'],
    [
      'npm ci && npm start',
      'npx lanewise compare @02 \\\n  -o results/office        # a comment',
      'lanewise plot results/office -o a.png',
    ],
    ["printf 'sequence\\n1\\n' | lanewise measure - \\\n  --max-lost 0%", 'sudo npx lanewise replay @voice'],
    ['tcpdump -w - | lanewise inspect -'],
    ['lanewise compare gateway.yaml'],
    ['lanewise tune gateway.yaml -r 2'],
    ['lanewise inspect mine.pcap'],
    ['lanewise list scenarios'],
    [
      "printf 'a\\n' > a.csv",
      "cat > b.yaml <<'END'\nsource: {}\nEND",
      'source <(lanewise completion bash)',
      'lanewise comapre a.csv',
    ],
  ])
  assert.equal(page.split('\n')[blocks[3]!.steps[0]!.line - 1]!.slice(0, 8), '$ printf')
})

test('the first line of an output is what a prompt or a marked block shows, unless it is left out', () => {
  const shown = blocks.map(({ steps }) => steps.map((step) => step.shown))
  assert.deepEqual(shown[2], [undefined, undefined, undefined], 'another block stands between')
  assert.deepEqual(shown[3], ['standard input', undefined])
  assert.deepEqual(shown[9], [undefined, undefined, undefined, 'lanewise: unknown verb'])
  const [direct] = blocksOf(
    'p',
    `${fence}sh\nlanewise list\n${fence}\n\n${fence}output\npolicies\n${fence}\n`,
  )
  assert.equal(direct!.steps[0]!.shown, 'policies')
})

test('comments hold for the block or the paragraph below', () => {
  assert.deepEqual(blocks[3]!.conditions, {
    asRoot: false,
    stdin: '@office',
    files: ['before.pcap', 'results/live'],
    exitCode: 1,
  })
  assert.equal(blocks[4]!.skipped, 'it never ends')
  assert.deepEqual(
    blocks.map(({ conditions }) => conditions.files.includes('gateway.yaml')),
    [false, false, false, false, false, true, true, false, false, false],
  )
})

test('a comment that is wrong, or that nothing follows, is an error with its line', () => {
  for (const [text, message] of [
    ['<!-- run: as=king -->\n', /^p:1: unknown condition as=king/],
    ['\n<!-- skip: -->\n', /^p:2: a skip needs a reason/],
    ['<!-- run: as=root -->\n\nNo command.\n', /^p:1: no command below this/],
    [`<!-- run: as=root -->\n${fence}yaml\na: 1\n${fence}\n`, /^p:1: no command below this/],
  ] as const) {
    assert.throws(() => blocksOf('p', text), { message })
  }
})

test("a help's examples are one block, without what explains them", () => {
  const help = `Usage: x\n\nExamples, in order:\n  lanewise compare @voice   quick\n\n  lanewise plot results/voice\n                      its charts\n\nMore: lanewise list.\n`
  const [block] = examplesOf('lanewise plot --help', help)
  assert.deepEqual(texts(block!), ['lanewise compare @voice', 'lanewise plot results/voice'])
  assert.deepEqual(examplesOf('lanewise', 'Usage: x\n'), [])
})
