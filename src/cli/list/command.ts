/** `lanewise list`: its arguments and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import { type ListOptions, TOPICS } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise list                 an overview of everything
  lanewise list policies        every policy with its parameters and defaults
  lanewise list metrics -f json
  lanewise list metrics reordered   a metric by its column's head or its name
  lanewise list scenarios       what comes with lanewise: @02, @reference ...

Topics: ${TOPICS.join(', ')}`

export function define(command: Command, io: ProcessIo): void {
  command
    .argument('[topic]', `one of ${TOPICS.join(', ')}`)
    .argument('[name]', 'one entry of the topic, with all that is known of it')
    .addOption(common.format('table or json'))
    .addHelpText('after', EXAMPLES)
    .action(async (topic: string | undefined, name: string | undefined, options: ListOptions) => {
      const { list } = await import('./work.ts')
      list(topic, name, options, io)
    })
}
