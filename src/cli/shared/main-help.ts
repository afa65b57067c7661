/** lanewise without a verb: what it says of itself, in --help and in the manual page. */
import { Command } from 'commander'
import { HELP } from './options.ts'
import { version } from './version.ts'

const EXAMPLES = `
Examples:
  lanewise compare @office         five policies on a capture that comes with it
  lanewise compare @office -p any-idle -p flow-pinned:ttl=5s
  lanewise list scenarios          ready-made scenarios: lanewise compare @02
  lanewise compare --help          every option of a verb

A capture or scenario of your own is named by its path.`

/** The command that verbs are added to. */
export function mainCommand(): Command {
  return new Command('lanewise')
    .usage('<verb> [options]')
    .description('Predicts packet reordering when one TUN device feeds several threads.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption(...HELP)
    .helpCommand('help [verb]', 'print the help of a verb')
    .addHelpText('after', EXAMPLES)
}
