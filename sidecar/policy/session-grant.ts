/** What the policies of a principal say together about its session. */

import type { Bundle, CompiledPolicy, RecordingMode } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import { authorityOf, unmatchedPrincipal } from './authority.ts'
import type { SessionGrant } from './decision.ts'
import type { ParameterValue } from './session-parameters.ts'

/** Roles and warehouses as the driver sent them; empty is the same as absent. */
export interface RequestedSession {
  readonly role?: string | undefined
  readonly warehouse?: string | undefined
}

/**
 * The session a principal gets. Limits of Observe policies are not enforced; recording is the
 * fullest of all, because it refuses nothing.
 * @throws FrostgateError PrincipalUnmatched, SessionAmbiguous, SessionChoiceUnavailable,
 * SessionParameterConflict
 */
export function grantSession(
  bundle: Bundle,
  principal: Principal,
  requested: RequestedSession,
): SessionGrant {
  const authority = authorityOf(bundle, principal)
  const matching = authority.matching.policies
  const deciding = authority.deciding.policies
  if (deciding.length === 0) throw unmatchedPrincipal(bundle, principal)

  const roleOf = (policy: CompiledPolicy): string => policy.session.role ?? bundle.connection.role
  const warehouseOf = (policy: CompiledPolicy): string =>
    policy.session.warehouse ?? bundle.connection.warehouse

  const role = choose('role', requested.role, deciding.map(roleOf))
  const warehouses = [...new Set(deciding.flatMap(({ session }) => session.warehouses))]
  // A chosen role settles the warehouse too where the policies of that role agree on one.
  const warehouse = choose(
    'warehouse',
    requested.warehouse,
    [...deciding.map(warehouseOf), ...warehouses],
    deciding.filter((policy) => roleOf(policy) === role).map(warehouseOf),
  )
  const limiting = authority.observeOnly ? [] : deciding
  return {
    policies: matching.map((policy) => policy.name),
    role,
    warehouse,
    statementTimeoutSeconds: smallest(deciding.map((p) => p.session.statementTimeoutSeconds)),
    warehouses,
    parameters: parametersOf(deciding),
    limits: {
      rowsPerStatement: smallest(limiting.map((p) => p.limits.rowsPerStatement)),
      bytesPerStatement: smallest(limiting.map((p) => p.limits.bytesPerStatement)),
      statementsPerMinute: smallest(limiting.map((p) => p.limits.statementsPerMinute)),
      concurrentStatements: smallest(limiting.map((p) => p.limits.concurrentStatements)),
      rowsPerHour: smallest(limiting.map((p) => p.limits.rowsPerHour)),
    },
    recording: fullest(matching.map((policy) => policy.recording)),
  }
}

/** Neither of two values is the safer one: only whoever wrote the policies can tell. */
function parametersOf(policies: readonly CompiledPolicy[]): SessionGrant['parameters'] {
  const found = new Map<string, { value: ParameterValue; policy: string }>()
  for (const { name: policy, session } of policies) {
    for (const [parameter, value] of Object.entries(session.parameters)) {
      const first = found.get(parameter)
      if (first === undefined) found.set(parameter, { value, policy })
      else if (first.value !== value) {
        throw FrostgateError.of('SessionParameterConflict', {
          parameter,
          ...{ policy: first.policy, value: String(first.value) },
          ...{ other: policy, otherValue: String(value) },
        })
      }
    }
  }
  return Object.fromEntries([...found].map(([parameter, { value }]) => [parameter, value]))
}

function choose(
  what: 'role' | 'warehouse',
  requested: string | undefined,
  offered: readonly string[],
  preferred: readonly string[] = offered,
): string {
  const choices = [...new Set(offered)]
  if (requested !== undefined && requested !== '') {
    const chosen = choices.find((choice) => choice === requested || choice === folded(requested))
    if (chosen !== undefined) return chosen
    throw FrostgateError.of('SessionChoiceUnavailable', {
      what,
      requested,
      choices: choices.join(', '),
    })
  }
  const [only, ...rest] = new Set(preferred)
  if (only !== undefined && rest.length === 0) return only
  throw FrostgateError.of('SessionAmbiguous', { what, choices: choices.join(', ') })
}

/** Connection settings are folded like identifiers: upper case unless quoted. */
function folded(setting: string): string {
  const quoted = /^"((?:[^"]|"")+)"$/.exec(setting)?.[1]
  return quoted === undefined ? setting.toUpperCase() : quoted.replaceAll('""', '"')
}

function smallest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

const fullness: Readonly<Record<RecordingMode, number>> = { None: 0, Metadata: 1, Full: 2 }

function fullest(modes: readonly RecordingMode[]): RecordingMode {
  return modes.reduce<RecordingMode>(
    (most, mode) => (fullness[mode] > fullness[most] ? mode : most),
    'None',
  )
}
