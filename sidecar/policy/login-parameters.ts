/** Session parameters that come beside SQL: at login, and in the body of one statement. */

import type { SessionGrant } from './decision.ts'
import { judgeParameter, type ParameterValue } from './session-parameters.ts'

/**
 * Those of `input` that a client may set, in their own types. The rest is dropped, not refused:
 * drivers send many by themselves, also their own settings and whole objects.
 */
export function allowedParameters(
  input: unknown,
  grant: Pick<SessionGrant, 'statementTimeoutSeconds' | 'parameters'>,
): Record<string, ParameterValue> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return {}
  const allowed: Record<string, ParameterValue> = {}
  for (const [name, value] of Object.entries(input)) {
    const verdict = judgeParameter(name, value, grant)
    if (verdict.ok) allowed[verdict.name] = verdict.value
  }
  return allowed
}
