/**
 * The generated parts of docs/policies.md, a section per policy in families: the rule, the system that has
 * it, when it keeps the order of flows, and its parameters. All from the registry; whether order is kept with
 * a policy's default parameters is asked of an instance.
 */
import { policies, policyFamilies } from '../../policies/index.ts'
import { ask } from '../../policies/policies.testing.ts'
import { writeValue } from '../../scenario/values.ts'
import { type Entry, topics } from '../list/topics.ts'
import { anchorOf, code, type Parts, table } from './generated-page.testing.ts'

const LANES = 4

/** As `lanewise list policies` has them. */
export const policyEntries: readonly Entry[] = topics.policies!.entries()

/** Does an instance say that no packet of a flow can overtake another? */
export function keepsOrder(name: string, parameters: object = {}, lanes = LANES): boolean {
  return ask(name, parameters, lanes).policy.keepsFlowOrder
}

export const policyParts: Parts = {
  overview: () =>
    table(
      ['policy', 'rule', 'order of flows kept, by default'],
      policyEntries.map(({ name, description }) => [
        `[${code(name)}](#${anchorOf(name)})`,
        description,
        keepsOrder(name) ? 'yes' : 'no',
      ]),
    ),
  ...Object.fromEntries(
    Object.entries(policyFamilies).map(([family, plugins]) => [
      family,
      () =>
        plugins.map(({ name }) => section(policyEntries.find((entry) => entry.name === name)!)).join('\n'),
    ]),
  ),
}

function section({ name, description, models, keepsOrder, parameters = [] }: Entry): string {
  const { usesRandom } = policies.get(name)!
  const facts = [
    `${capital(description)}.`,
    `- models: ${models}`,
    `- keeps the order of every flow: ${keepsOrder}`,
    `- draws random numbers: ${typeof usesRandom === 'function' ? 'with some parameters' : usesRandom === false ? 'no' : 'yes'}`,
  ]
  const rows = parameters.map(({ name, values, default: usual, description }) => [
    `**${code(name)}**`,
    values,
    usual === null ? '' : code(writeValue(usual)),
    description,
  ])
  const below =
    rows.length === 0 ? '' : `\n${table(['parameter', 'values', 'default', 'what it says'], rows)}`
  return `### ${name}\n\n${facts[0]}\n\n${facts.slice(1).join('\n')}\n${below}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
