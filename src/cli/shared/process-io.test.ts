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
    isolated: { by: 7, devices: 4 },
    signal: new AbortController().signal,
  }
  const { isolated, argv, env, signal, stdout } = textIo(io)
  assert.deepEqual([isolated, argv, env, signal], [io.isolated, io.argv, io.env, io.signal])
  stdout.write('a\u001b[2Jb\n')
  assert.deepEqual([written, stdout.columns], [['a\\x1b[2Jb\n'], 80])
})
