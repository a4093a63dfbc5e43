import { FrostgateError } from '../../../sidecar/errors.ts'
import { factsOf, parseStatement, partsOf } from '../../../sidecar/sql/index.ts'

/** The refusal that `run` throws; anything else it throws fails the test. */
export function refusal(run: () => unknown): FrostgateError | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof FrostgateError) return error
    throw error
  }
  return undefined
}

export function reads(text: string): readonly string[] {
  return factsOf(parseStatement(text).statement).reads.map(({ name }) => partsOf(name).join('.'))
}

export function functions(text: string): readonly string[] {
  return factsOf(parseStatement(text).statement).functions.map(({ name }) => name.join('.'))
}
