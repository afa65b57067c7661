/**
 * `lanewise completion`: its argument and its help. The scripts are made in work.ts, loaded when it is
 * needed.
 */
import type { Command } from 'commander'
import type { ProcessIo } from '../shared/process-io.ts'
import type { Verbs } from '../shared/verb.ts'

const EXAMPLES = `
Examples:
  source <(lanewise completion bash)        this shell; in ~/.bashrc, every one
  source <(lanewise completion zsh)         after compinit, in ~/.zshrc
  lanewise completion fish > ~/.config/fish/completions/lanewise.fish

Completes verbs, options, names of policies and formats, and files. The script
says what this version knows: make it anew after an update.`

export function define(
  command: Command,
  io: ProcessIo,
  _done: (exitCode: number) => void,
  verbs: Verbs,
): void {
  command
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', EXAMPLES)
    .action(async (shell: string) => {
      const { completionScript } = await import('./work.ts')
      io.stdout.write(await completionScript(shell, verbs, io))
    })
}
