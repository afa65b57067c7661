/** What tests of bad scenarios share. */
import assert from 'node:assert/strict'
import { UserError } from '../errors.ts'
import { scenarioFromText } from './loaded-scenario.ts'

/** What a user is told of this text as the file s.yaml; nothing where it is a scenario. */
export function linesOf(text: string): readonly string[] {
  try {
    scenarioFromText(text, 's.yaml')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    assert.equal(error.exitCode, 2)
    return error.lines
  }
  return []
}
