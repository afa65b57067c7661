/**
 * A distribution of times as a scenario names it: `{ lognormal: { median: 15us, sigma: 0.8 } }`, one key out
 * of the registry with the parameters that the distribution's own schema accepts, or `none`.
 */
import { z } from 'zod'
import { didYouMean } from '../../errors.ts'
import { distributions } from '../../sim/distributions/index.ts'
import { delegate, list, show } from '../mistakes.ts'

/** One distribution of times, by name, with its own parameters; kept as written. */
export const jitter = z
  .union([z.literal('none'), z.record(z.string(), z.unknown())], {
    error: ({ input }) =>
      typeof input === 'string' && distributions.has(input)
        ? `${input} needs its parameters - write it like { ${input}: { ... } } (lanewise list distributions)`
        : `expected "none" or a map from a distribution to its parameters, got ${show(input)}`,
  })
  .superRefine((value, context) => {
    if (value === 'none') return
    const keys = Object.keys(value)
    const [name] = keys
    const unknown = keys.filter((key) => !distributions.has(key))
    for (const key of unknown) {
      const cure =
        didYouMean(key, distributions.keys()) || ` - known are ${list([...distributions.keys()], 'and')}`
      const message = `unknown distribution ${show(key)}${cure} (lanewise list distributions)`
      context.addIssue({ code: 'custom', message, path: [key], params: { atKey: true } })
    }
    if (unknown.length > 0) return
    if (name === undefined || keys.length > 1) {
      const message = `expected one distribution, got ${show(value)} - keep one, or write none`
      context.addIssue({ code: 'custom', message })
      return
    }
    delegate(context, distributions.get(name)!.parameters, value[name], [name])
  })
