/** What a statement means beside its text: an approval of it is bound to that, too. */

import type { Resolution } from '../catalog/types.ts'
import type { Bundle, CompiledMask } from '../control/bundle.ts'
import type { Principal } from '../identity/principal.ts'
import { masksFor, protectedColumns } from '../masking/protected.ts'
import { allowedParameters } from '../policy/login-parameters.ts'
import type { Analysis, Asked } from './stages.ts'

/** Of the session and of the request. JSON. */
export function stateOf(
  { session, request, context, prior }: Asked & Analysis,
  resolution: Resolution | undefined,
): unknown {
  const relations = [...(resolution?.relations.values() ?? [])]
  const own = prior !== undefined || relations.some((relation) => relation?.temporary === true)
  const { state, grant } = session
  return {
    parameters: Object.fromEntries(state?.parameters ?? []),
    // All of them: one that a view reads is not in the text.
    variables: Object.fromEntries(state?.variables ?? []),
    unknown: [...(state?.unknown ?? [])],
    warehouse: context.warehouse,
    // Temporary objects and earlier results are of one session only.
    session: own ? (session.id ?? null) : null,
    request: {
      describeOnly: request.describeOnly ?? false,
      parameters: allowedParameters(request.parameters, grant),
    },
  }
}

/** The rules that protect anything in what the statement reaches. Errors: TagsUnreadable. */
export function masksBearing(
  { masks }: Bundle,
  principal: Principal,
  resolution: Resolution | undefined,
): readonly CompiledMask[] {
  const binding = masksFor(masks, principal)
  const targets = (resolution?.targets ?? []).map(({ relation }) => relation)
  const relations = [...(resolution?.relations.values() ?? []), ...targets]
  const names = new Set(
    relations.flatMap((relation) =>
      relation === null
        ? []
        : [...protectedColumns(binding, relation).values()].flatMap(({ rules }) => rules),
    ),
  )
  return binding.filter(({ name }) => names.has(name))
}
