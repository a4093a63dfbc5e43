import type { FieldPath } from '../../crds/field-path.ts'
import { suggest } from '../../crds/suggestion.ts'
import type { CompiledPolicy } from '../../sidecar/control/bundle.ts'
import {
  judgeParameter,
  settableParameters,
  type ParameterValue,
} from '../../sidecar/policy/session-parameters.ts'
import type { Report } from './report.ts'

const timeout = 'STATEMENT_TIMEOUT_IN_SECONDS'
const anyGrant = { statementTimeoutSeconds: undefined, parameters: {} }

/** Session parameters by upper-case name, in their own types. Only such as a client might set. */
export function compileParameters(
  parameters: Readonly<Record<string, string>>,
  path: FieldPath,
  report: Report,
): CompiledPolicy['session']['parameters'] {
  const compiled = new Map<string, ParameterValue>()
  for (const [written, text] of Object.entries(parameters)) {
    const problem = (message: string, advice: string): void => {
      report([...path, written], message, advice)
    }
    const name = written.toUpperCase()
    const verdict = judgeParameter(name, text, anyGrant)
    if (name === timeout) problem('has a field of its own', 'Use statementTimeoutSeconds.')
    else if (!settableParameters.includes(name)) {
      const meant = suggest(name, settableParameters)
      const known = `Parameters are: ${settableParameters.filter((each) => each !== timeout).join(', ')}.`
      problem(
        'is not a session parameter that policy can set',
        meant === undefined ? known : `Did you mean ${meant}?`,
      )
    } else if (!verdict.ok) {
      problem(`"${text}" cannot be its value: ${verdict.reason}`, 'Write such a value, in quotes.')
    } else if (compiled.has(name)) {
      problem('is there twice, in different spellings', 'Remove one.')
    } else compiled.set(name, verdict.value)
  }
  return Object.fromEntries(compiled)
}
