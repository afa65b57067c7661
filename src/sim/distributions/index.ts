/** The registry of distributions: what a scenario may write under a jitter. */
import { constant } from './constant.ts'
import type { Distribution } from './distribution.ts'
import { exponential } from './exponential.ts'
import { gamma } from './gamma.ts'
import { lognormal } from './lognormal.ts'
import { pareto } from './pareto.ts'
import { uniform } from './uniform.ts'
import { weibull } from './weibull.ts'

export const distributions: ReadonlyMap<string, Distribution> = new Map(
  [constant, uniform, exponential, lognormal, gamma, weibull, pareto].map((distribution) => [
    distribution.name,
    distribution as unknown as Distribution,
  ]),
)
