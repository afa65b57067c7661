import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { baseName, beside, withoutExtension } from './paths.ts'

const part = fc.constantFrom('a', 'bc', 'office.pcap', '..', '.', '', '.hidden', 'x.tar.gz')
const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'))

test('paths are taken apart and joined as node:path does', () => {
  fc.assert(
    fc.property(path, path, (file, other) => {
      assert.equal(baseName(file), posix.basename(file))
      assert.equal(withoutExtension(posix.basename(file)), posix.parse(posix.basename(file)).name)
      if (!file.endsWith('/') && !posix.isAbsolute(other) && other !== '') {
        assert.equal(beside(file, other), posix.join(posix.dirname(file), other))
      }
    }),
    { seed: 3, numRuns: 5000 },
  )
})
