/**
 * Mutations of inputs: what fuzzers are known for (flipped bits, interesting numbers, pieces cut out, copied,
 * repeated and spliced), and words of the target's own language.
 */

/** Uniform in [0, 1). */
export type Draw = () => number

const INTERESTING = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
]
const NUMBERS = [
  '0',
  '-1',
  '1',
  '1e308',
  '-1e308',
  '5e-324',
  '2147483648',
  '9007199254740993',
  'NaN',
  '.inf',
  '0x10',
  '1_000',
]
/** Largest input that is made. */
const BYTES_MAX = 1 << 16
const PIECE_MAX = 64
const REPEATS_MAX = 2000

export interface Language {
  readonly isText: boolean
  readonly words: readonly string[]
}

/** One to eight mutations of an input; another one of the corpus may be spliced in. */
export function mutate(
  input: Uint8Array,
  other: Uint8Array,
  { isText, words }: Language,
  draw: Draw,
): Uint8Array {
  let bytes = input
  const times = 1 + Math.floor(8 * draw() * draw())
  for (let i = 0; i < times; i++) {
    const kinds = isText ? [...COMMON, word, word, number] : [...COMMON, interesting, interesting]
    bytes = kinds[below(kinds.length, draw)]!(bytes, other, draw, words)
  }
  return bytes.subarray(0, BYTES_MAX)
}

type Mutation = (bytes: Uint8Array, other: Uint8Array, draw: Draw, words: readonly string[]) => Uint8Array

const COMMON: readonly Mutation[] = [flip, replace, cutOut, insert, copyPiece, repeat, splice, truncate]

function below(limit: number, draw: Draw): number {
  return Math.floor(draw() * limit)
}

function flip(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  const made = bytes.slice()
  if (made.length > 0) made[below(made.length, draw)]! ^= 1 << below(8, draw)
  return made
}

function replace(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  const made = bytes.slice()
  if (made.length > 0) made[below(made.length, draw)] = below(256, draw)
  return made
}

function interesting(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  const width = [1, 2, 4][below(3, draw)]!
  if (bytes.length < width) return bytes
  const made = bytes.slice()
  const view = new DataView(made.buffer)
  const at = below(bytes.length - width + 1, draw)
  const value = INTERESTING[below(INTERESTING.length, draw)]!
  const isLittle = draw() < 0.5
  if (width === 1) view.setUint8(at, value & 0xff)
  else if (width === 2) view.setUint16(at, value & 0xffff, isLittle)
  else view.setUint32(at, value, isLittle)
  return made
}

function cutOut(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  const at = below(bytes.length + 1, draw)
  return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + below(PIECE_MAX, draw)))
}

function insert(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  const piece = Uint8Array.from({ length: 1 + below(8, draw) }, () => below(256, draw))
  return inserted(bytes, piece, draw)
}

function copyPiece(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  const from = below(bytes.length, draw)
  return inserted(bytes, bytes.subarray(from, from + 1 + below(PIECE_MAX, draw)), draw)
}

/** The same piece many times: depth, counts. */
function repeat(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  const from = below(bytes.length, draw)
  const piece = bytes.subarray(from, from + 1 + below(8, draw))
  const times = 1 + below(REPEATS_MAX, () => draw() * draw())
  const many = new Uint8Array(piece.length * times)
  for (let i = 0; i < times; i++) many.set(piece, i * piece.length)
  return inserted(bytes, many, draw)
}

function splice(bytes: Uint8Array, other: Uint8Array, draw: Draw): Uint8Array {
  return joined(
    bytes.subarray(0, below(bytes.length + 1, draw)),
    other.subarray(below(other.length + 1, draw)),
  )
}

function truncate(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  return bytes.subarray(0, below(bytes.length + 1, draw))
}

function word(bytes: Uint8Array, _: Uint8Array, draw: Draw, words: readonly string[]): Uint8Array {
  return inserted(bytes, Buffer.from(words[below(words.length, draw)]!), draw)
}

/** Another number in the place of one. */
function number(bytes: Uint8Array, _: Uint8Array, draw: Draw): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  const found = [...text.matchAll(/-?\d[\d.]*/g)]
  if (found.length === 0) return bytes
  const { index, 0: old } = found[below(found.length, draw)]!
  const value = NUMBERS[below(NUMBERS.length, draw)]!
  return Buffer.from(text.slice(0, index) + value + text.slice(index + old.length), 'latin1')
}

function inserted(bytes: Uint8Array, piece: Uint8Array, draw: Draw): Uint8Array {
  const at = below(bytes.length + 1, draw)
  return joined(bytes.subarray(0, at), piece, bytes.subarray(at))
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces))
}
