/**
 * Logarithms, exponentials, sine, cosine and arctangent that are the same on every engine, bit for bit:
 * JavaScript leaves the last bits of Math's to the engine, and versions of V8 differ, but a scenario must
 * give the same numbers everywhere. These are fdlibm 5.3's, every operation in its order, with the changes in
 * V8's src/base/ieee754.cc: what Math gives in Node 20. Only operations are used that IEEE 754 makes exact to
 * the last bit. Functions of columns work in place and cost half, because short loops let the processor work
 * on many numbers at once: there stands the common case, and the few numbers that take another branch go to
 * the functions of one number.
 *
 * fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun
 * Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely
 * granted, provided that this notice is preserved.
 */
export { atan } from './elementary/arctangent.ts'
export { cos, sin } from './elementary/circular.ts'
export { exp, expColumn, expm1 } from './elementary/exponentials.ts'
export { log, log1p, logColumn, logOneMinusColumn } from './elementary/logarithms.ts'
export { COLUMN } from './elementary/words.ts'
