/** docs/policies.md says what the registry says, and the registry says what the policies do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCurrent, brokenAnchors, pageNamed } from './generated-page.testing.ts'
import { keepsOrder, policyEntries, policyParts } from './policy-reference.testing.ts'

test('the generated parts of docs/policies.md are current', () => {
  assertCurrent('policies.md', policyParts)
  assert.deepEqual(brokenAnchors(pageNamed('policies.md')), [])
})

test('every built-in policy names the system that it models and when it keeps order, every parameter what it says', () => {
  assert.ok(policyEntries.length >= 19)
  for (const { name, models = '', keepsOrder: when = '', parameters = [] } of policyEntries) {
    assert.ok(models.length > 10, name)
    assert.match(when, /^(always|with|as long as)/, name)
    for (const { name: key, description } of parameters) assert.notEqual(description, '', `${name} ${key}`)
  }
})

/** Each parameter set to each of its choices that is a word, the others at their defaults. */
function choicesOf({ parameters = [] }: (typeof policyEntries)[number]) {
  return parameters.map(({ name, values }) =>
    values
      .split('|')
      .filter((value) => !/^(duration|integer|number|text|\[.*)$/.test(value))
      .map((value) => ({ text: `${name}=${value}`, parameters: { [name]: value } })),
  )
}

test('when order is kept is said as the policies themselves say it', () => {
  for (const entry of policyEntries) {
    const { name, keepsOrder: when } = entry
    assert.ok(keepsOrder(name, {}, 1), `${name} with one lane`)
    const choices = choicesOf(entry)
    const all = [{}, ...choices.flat().map(({ parameters }) => parameters)]
    const always = all.every((parameters) => keepsOrder(name, parameters))
    assert.equal(when === 'always', always, name)
    for (const ofOne of choices) {
      const [kept, others] = [true, false].map((wanted) =>
        ofOne.filter(({ parameters }) => keepsOrder(name, parameters) === wanted),
      )
      if (others!.length === 0) continue
      for (const { text } of kept!) assert.ok(when!.includes(text), `${name}: ${when} lacks ${text}`)
      for (const { text } of others!) assert.ok(!when!.includes(text), `${name}: ${when} has ${text}`)
    }
  }
})
