import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrapLabel } from './wrap.ts'

test('labels break at spaces, behind colons and commas, and where a piece is too long behind hyphens or anywhere', () => {
  for (const [label, width, lines] of [
    ['hash', 16, ['hash']],
    ['flow-pinned:ttl=30s,key=address-pair', 21, ['flow-pinned:ttl=30s,', 'key=address-pair']],
    ['shorter-when-empty', 16, ['shorter-when-', 'empty']],
    ['unbroken', 3, ['unb', 'rok', 'en']],
    ['drained (yardstick)', 19, ['drained (yardstick)']],
    ['drained (yardstick)', 18, ['drained', '(yardstick)']],
    ['drained:key=address-pair (yardstick)', 28, ['drained:key=address-pair', '(yardstick)']],
  ] as const) {
    assert.deepEqual(wrapLabel(label, width), lines, `${label} in ${width}`)
  }
})
