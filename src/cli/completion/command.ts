/**
 * `lanewise completion`: its argument and its help. The scripts are made in work.ts and the manual page in
 * manual-page.ts, loaded when they are needed.
 */
import type { Command } from 'commander'
import type { ProcessIo } from '../shared/process-io.ts'
import type { Verbs } from '../shared/verb.ts'

const EXAMPLES = `
Examples:
  source <(lanewise completion bash)        this shell; in ~/.bashrc, every one
  source <(lanewise completion zsh)         after compinit, in ~/.zshrc
  lanewise completion fish > ~/.config/fish/completions/lanewise.fish
  lanewise completion man | man -l -        the manual page

Completes verbs, options, what they take (policies and their parameters, keys
of a scenario, charts, formats ...) and files. The script says what this version
knows: make it anew after an update.`

export function define(
  command: Command,
  io: ProcessIo,
  _done: (exitCode: number) => void,
  verbs: Verbs,
): void {
  command
    .argument('<shell>', 'bash, zsh, fish or man; man is the manual page')
    .addHelpText('after', EXAMPLES)
    .action(async (shell: string) => {
      const { completionScript } = await import('./work.ts')
      const { manualPage } = await import('./manual-page.ts')
      io.stdout.write(await (shell === 'man' ? manualPage(verbs, io) : completionScript(shell, verbs, io)))
    })
}
