import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textIo } from './process-io.ts'

test('a process with streams for text keeps all else that it is', () => {
  const written: string[] = []
  const io = {
    argv: ['replay', '@office'],
    stdout: { write: (text: string) => written.push(text), columns: 80 },
    stderr: { write: () => {} },
    env: { A: 'b' },
    isolatedBy: 7,
    signal: new AbortController().signal,
  }
  const { isolatedBy, argv, env, signal, stdout } = textIo(io)
  assert.deepEqual([isolatedBy, argv, env, signal], [7, io.argv, io.env, io.signal])
  stdout.write('a\u001b[2Jb\n')
  assert.deepEqual([written, stdout.columns], [['a\\x1b[2Jb\n'], 80])
})
