/** The registry of distributions: what a scenario may write where it asks for a random time. */
import { constant } from './constant.ts'
import type { Distribution } from './distribution.ts'
import { empirical } from './empirical.ts'
import { exponential } from './exponential.ts'
import { gamma } from './gamma.ts'
import { lognormal } from './lognormal.ts'
import { mixture } from './mixture.ts'
import { pareto } from './pareto.ts'
import { uniform } from './uniform.ts'
import { weibull } from './weibull.ts'

const simple = new Map<string, Distribution>(
  [constant, uniform, exponential, lognormal, gamma, weibull, pareto, empirical].map((distribution) => [
    distribution.name,
    distribution as unknown as Distribution,
  ]),
)

export const distributions: ReadonlyMap<string, Distribution> = new Map([
  ...simple,
  ['mixture', mixture(simple)],
])
