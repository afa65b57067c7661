import assert from 'node:assert/strict'
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { runProgram } from '../run-program.testing.ts'
import { checkRowsFile } from './rows-file.ts'

const base = mkdtempSync(path.join(tmpdir(), 'lanewise-rows-'))
after(() => rmSync(base, { recursive: true }))
const at = (name: string) => path.join(base, name)

writeFileSync(
  at('input.csv'),
  'source: { synthetic: { packetsPerSecond: 1000 } }\nduration: 10ms\npolicies: [hash]\n',
)
linkSync(at('input.csv'), at('hard.csv'))
symlinkSync(at('input.csv'), at('soft.csv'))
mkdirSync(at('out'))
symlinkSync(at('out'), at('alias'))

const check = (target: string) =>
  checkRowsFile('--packets', at(target), {
    inputs: [undefined, at('input.csv'), '-'],
    folder: at('out'),
    results: ['live.csv'],
  })

test('rows never go over the file that is read, whatever it is called', () => {
  for (const name of ['input.csv', 'out/../input.csv', 'hard.csv', 'soft.csv']) {
    assert.throws(() => check(name), {
      message: `--packets ${at(name)}: is the file that is read - name another file`,
      exitCode: 2,
    })
  }
})

test("rows never go where the results' own files go, whichever way leads there", () => {
  for (const name of ['out/live.csv', 'alias/live.csv', 'out/./live.csv']) {
    assert.throws(() => check(name), {
      message: /: is where live\.csv of the results goes - name another file$/,
    })
  }
})

test('any other file may take them', () => {
  for (const name of ['live.csv', 'out/packets.csv']) check(name)
  const others = { inputs: [], folder: at('made/later'), results: [] }
  for (const name of ['made/later/rows.csv', 'made/rows.csv']) checkRowsFile('--packets', at(name), others)
})

test('rows go into a file, in a folder that is there', () => {
  mkdirSync(at('folder.csv'))
  assert.throws(() => check('folder.csv'), {
    message: `--packets ${at('folder.csv')}: is a folder - name a file in it`,
    exitCode: 2,
  })
  for (const name of ['none/rows.csv', 'input.csv/rows.csv', 'out/none/rows.csv']) {
    assert.throws(() => check(name), {
      message: /^--packets \S+: can't be written, its folder doesn't exist - create the folder first$/,
      exitCode: 1,
    })
  }
})

const refused: ReadonlyArray<readonly [words: string, message: RegExp]> = [
  ['compare input.csv --trace input.csv -o o', /^--trace \S+input\.csv: is the file that is read - /],
  [
    'compare input.csv --trace o/runs.csv -o o',
    /^--trace \S+runs\.csv: is where runs\.csv of the results goes - /,
  ],
  [
    'measure arrivals.csv --trace arrivals.csv -o o',
    /^--trace \S+arrivals\.csv: is the file that is read - /,
  ],
  [
    'measure arrivals.csv --trace o/flows.csv -o o',
    /^--trace \S+flows\.csv: is where flows\.csv of the results goes/,
  ],
]
for (const [words, message] of refused) {
  test(`lanewise ${words} is wrong usage, and writes nothing`, async () => {
    writeFileSync(at('arrivals.csv'), 'sequence\n1\n2\n')
    const before = [readFileSync(at('input.csv')), readFileSync(at('arrivals.csv'))]
    const argv = words.split(' ').map((word) => (/\.csv$|^o$/.test(word) ? at(word) : word))
    const { exitCode, stderr, stdout } = await runProgram(argv)
    assert.deepEqual([exitCode, stdout], [2, ''])
    assert.match(stderr, message)
    assert.deepEqual([readFileSync(at('input.csv')), readFileSync(at('arrivals.csv'))], before)
    assert.throws(() => readFileSync(at('o/report.json')), { code: 'ENOENT' })
  })
}
