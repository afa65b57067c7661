/**
 * Logarithms, exponentials and circular functions that are the same on every engine, bit for bit: JavaScript leaves the
 * last bits of Math's to the engine, and they differ between versions of V8, but a scenario must give the same numbers
 * everywhere. They are fdlibm 5.3's, every operation in its order, as V8's src/base/ieee754.cc had them up to Node 20,
 * so there they are what Math gives; only additions, multiplications, divisions and square roots, which are exact by
 * IEEE 754, and no function of Math that isn't. Functions of columns work in place at half the cost, because short loops
 * let the processor work on many numbers at once: there stands the common case, and the few numbers that take another
 * branch go to the functions of one number.
 *
 * fdlibm is Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems,
 * Inc. business. Permission to use, copy, modify, and distribute this software is freely granted, provided that this
 * notice is preserved.
 */
export { atan } from './elementary/arctangent.ts'
export { cos, sin } from './elementary/circular.ts'
export { exp, expColumn, expm1 } from './elementary/exponentials.ts'
export { log, log1p, logColumn, logOneMinusColumn } from './elementary/logarithms.ts'
export { COLUMN } from './elementary/words.ts'
