import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../errors.ts'
import { axesOf, combinations, type ScanFlags } from './axes.ts'

test('all combinations, those of -P before those of -L, the last path varying fastest', () => {
  const axes = axesOf({ scan: ['lanes.count=2:4:2'], scanList: ['lanes.speed[0]=1,2,3'] })
  assert.deepEqual(
    axes.map(({ name }) => name),
    ['lanes.count', 'lanes.speed.0'],
  )
  const points = combinations(axes)
  assert.deepEqual(
    points.map((settings) => settings.map(({ value }) => value)),
    [
      [2, 1],
      [2, 2],
      [2, 3],
      [4, 1],
      [4, 2],
      [4, 3],
    ],
  )
  assert.deepEqual(points[5], [
    { flag: '-P lanes.count=2:4:2, at 4', path: ['lanes', 'count'], value: 4 },
    { flag: '-L lanes.speed[0]=1,2,3, at 3', path: ['lanes', 'speed', 0], value: 3 },
  ])
})

test('listed values are numbers, text, lists and maps as after --set', () => {
  const [axis] = axesOf({
    scanList: ['lanes.service.jitter=none,{ exponential: { mean: 10us } },[1,2],5us,"7"'],
  })
  assert.deepEqual(axis!.values, ['none', { exponential: { mean: '10us' } }, [1, 2], '5us', '7'])
})

const mistakes: ReadonlyArray<[flags: ScanFlags, line: string]> = [
  [{ scan: ['lanes.count'] }, '-P lanes.count: no path=values - write it like -P lanes.count=1:8:1'],
  [{ scan: ['=1:2:1'] }, '-P =1:2:1: no path=values - write it like -P lanes.count=1:8:1'],
  [{ scanList: ['2,4'] }, '-L 2,4: no path=values - write it like -L lanes.count=2,4,8'],
  [{ scanList: ['a=1,,2'] }, '-L a=1,,2: a value is missing - write it like path=a,b,c'],
  [{ scanList: ['a='] }, '-L a=: a value is missing - write it like path=a,b,c'],
  [{ scanList: ['a=1,2,1'] }, '-L a=1,2,1: 1 is listed twice - keep one'],
  [{ scanList: ['a=[1,2'] }, '-L a=[1,2: [1,2 is not a list or map - close every bracket and quote'],
  [
    { scan: ['a=1:2:1'], scanList: ['a=5,6'] },
    '-L a=5,6: a is scanned twice - give all its values with one -P or -L',
  ],
  [
    { scan: ['a=1:200:1', 'b=1:100:1'] },
    '-P, -L: 200 x 100 are 20000 points, more than 10000 - scan fewer values at once',
  ],
]
for (const [flags, line] of mistakes) {
  test(`one line for ${line.split(':')[0]}`, () => {
    assert.throws(
      () => axesOf(flags),
      (error) => error instanceof UserError && error.exitCode === 2 && error.lines.join('\n') === line,
    )
  })
}
