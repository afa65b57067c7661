/** The options of `lanewise list`, and what it takes as a topic. */
import type { PrintOptions } from '../shared/options.ts'

/** As commander gives them. */
export type ListOptions = Pick<PrintOptions, 'format'>

/** What can be listed; topics.ts has each of them. */
export const TOPICS = [
  ...(['policies', 'sources', 'metrics', 'distributions', 'scenarios', 'captures', 'presets'] as const),
] as const
