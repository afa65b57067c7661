/**
 * The table of verbs. Each has a file of its own that is loaded only when it is used. No verb imports this:
 * the one that needs it, completion, is handed it.
 */
import type { Verbs } from './shared/verb.ts'

/** In the order of the help. */
export const VERBS: Verbs = {
  compare: {
    summary: 'simulate several policies on the same packets',
    load: () => import('./compare/command.ts'),
  },
  tune: {
    summary: 'find the TTL of a flow table',
    load: () => import('./tune/command.ts'),
  },
  diagnose: {
    summary: 'what your traffic is, whom it would hurt, what to choose',
    load: () => import('./diagnose/command.ts'),
  },
  inspect: {
    summary: 'what is in captures: rates, flows, gaps, what a policy would see',
    load: () => import('./inspect/command.ts'),
  },
  replay: {
    summary: 'real TUN, real threads; prediction beside measurement',
    load: () => import('./replay/command.ts'),
  },
  list: {
    summary: 'what there is: policies, sources, metrics, scenarios, captures',
    load: () => import('./list/command.ts'),
  },
  measure: {
    summary: "judge somebody else's system: arrivals, or captures of both sides",
    load: () => import('./measure/command.ts'),
  },
  calibrate: {
    summary: 'measure this machine, for simulations on lanes like its own',
    load: () => import('./calibrate/command.ts'),
  },
  plot: {
    summary: 'charts of saved results: .svg, .png, .vl.json, or one .html page',
    load: () => import('./plot/command.ts'),
  },
  completion: {
    summary: 'print completion for bash, zsh or fish, or the manual page',
    load: () => import('./completion/command.ts'),
  },
}
