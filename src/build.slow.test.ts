/**
 * Commands run while a copy of the program is built again and again, each time with other bytes in every
 * file, a file more or less, and another version: none may meet half a build.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { repository } from './built.testing.ts'

const BUILDS = 4
const copy = mkdtempSync(path.join(tmpdir(), 'lanewise-build-'))
after(() => rmSync(copy, { recursive: true }))
const inCopy = (name: string) => path.join(copy, name)
const node = (argv: readonly string[]) => promisify(execFile)(process.execPath, argv, { cwd: copy })

for (const name of ['assets', 'package.json', 'scripts', 'src', 'tsconfig.json', 'tsconfig.build.json']) {
  cpSync(path.join(repository, name), inCopy(name), {
    recursive: true,
    filter: (file) => !/\.(test|testing)\.ts$/.test(file),
  })
}
symlinkSync(path.join(repository, 'node_modules'), inCopy('node_modules'))
writeFileSync(
  inCopy('small.yaml'),
  'source: { synthetic: { packetsPerSecond: 100000 } }\nduration: 10ms\nruns: 2\npolicies: [hash]\n',
)

const sources = readdirSync(inCopy('src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)
const build = () => node([inCopy('scripts/build.mjs')])

/** Changes every file, has one that only this build has, and gives the program a version of its own. */
function change(times: number): void {
  for (const name of sources) appendFileSync(inCopy(`src/${name}`), `export const built${times} = ${times}\n`)
  const extra = (number: number) => inCopy(`src/cli/shared/extra-${number}.ts`)
  writeFileSync(extra(times), `export const extra = ${times}\n`)
  if (times > 1) rmSync(extra(times - 1))
  const start = inCopy('src/cli/main.ts')
  const text = readFileSync(start, 'utf8').replace(/^import '\.\/shared\/extra-\d+\.ts'\n/m, '')
  const end = text.lastIndexOf('\nimport ') + 1
  writeFileSync(start, `${text.slice(0, end)}import './shared/extra-${times}.ts'\n${text.slice(end)}`)
  const manifest = JSON.parse(readFileSync(inCopy('package.json'), 'utf8'))
  writeFileSync(inCopy('package.json'), JSON.stringify({ ...manifest, version: `9.9.${times}` }))
}

test('every command that runs while others build succeeds', async () => {
  await build()
  let isBuilding = true
  let commands = 0
  const running = async (name: string) => {
    for (; isBuilding; commands++) {
      const words = `compare small.yaml -j 2 -f csv -o out-${name}`
      const { stdout, stderr } = await node([inCopy('dist/cli/main.js'), ...words.split(' ')])
      assert.match(stdout, /^policy,|^point,/)
      assert.equal(stderr, `results are in out-${name}\n`)
    }
  }
  const building = async () => {
    try {
      for (let times = 1; times <= BUILDS; times++) {
        change(times)
        await build()
        const { stdout } = await node([inCopy('dist/cli/main.js'), '--version'])
        assert.equal(stdout, `9.9.${times}\n`)
        assert.deepEqual(
          readdirSync(inCopy('dist/cli/shared')).filter((name) => /^extra.*\.js$/.test(name)),
          [`extra-${times}.js`],
        )
      }
    } finally {
      isBuilding = false
    }
  }
  await Promise.all([building(), running('one'), running('other')])
  assert.ok(commands >= 2 * BUILDS, `${commands} commands`)
})
