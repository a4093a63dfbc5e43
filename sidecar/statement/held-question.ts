/** What people are shown of a held statement. */

import { canonicalSha256 } from '../canonical-json.ts'
import { displayObject } from '../catalog/names.ts'
import type { ApprovalQuestion, ShownBind } from '../approvals/approvals.ts'
import { relationKey } from '../catalog/types.ts'
import { aliasesOf } from '../identity/aliases.ts'
import { isObject } from '../json.ts'
import { emit } from '../sql/index.ts'
import { masksFor, protectedColumns } from '../masking/protected.ts'
import type { CompiledMask } from '../control/bundle.ts'
import type { HeldStatement } from './held.ts'
import { visibleText } from './visible-text.ts'

/** `now`: milliseconds since the epoch. */
export function questionOf(
  held: HeldStatement,
  masks: readonly CompiledMask[],
  now: number,
): ApprovalQuestion {
  const { session, entry, parsed, facts, plan, hold, context } = held
  const { provider, issuer, subject, groups, run } = session.principal
  const { role, warehouse, database, schema } = context
  const { variables } = session.state
  const others = aliasesOf(session.principal)
  const aliases = others.length === 0 ? {} : { aliases: others }
  const reason = reasonFor(held)
  return {
    request: hold.request,
    digest: canonicalSha256(hold.bound),
    bound: hold.bound,
    session: session.id,
    statement: entry.statement,
    principal: { provider, issuer, subject, groups, run: run ?? null, ...aliases },
    rule: hold.rule,
    approval: hold.approval,
    sql: visibleText(emit(parsed, [])),
    kind: facts.kind,
    class: facts.class,
    objects: objectsOf(held),
    maskedColumns: plan.maskedColumns,
    binds: bindsOf(held, masks),
    variables: Object.fromEntries(
      facts.variables.flatMap((name) => {
        const value = variables.get(name)
        return value === undefined ? [] : [[name, visibleText(value)]]
      }),
    ),
    place: { role, warehouse, database, schema },
    ...(reason === undefined ? {} : { agentReason: reason }),
    askedAt: now,
    expiresAt: now + hold.approval.expiresAfter * 1_000,
  }
}

/** Why the agent wants it: of this statement, or else what it says for the session. */
export function reasonFor({
  request,
  session: { state },
}: Pick<HeldStatement, 'request' | 'session'>): string | undefined {
  return request.reason ?? state.reason
}

/** What it names, changes, or reaches behind a view. */
export function objectsOf({ resolution }: Pick<HeldStatement, 'resolution'>): readonly string[] {
  const reached = [...resolution.relations.values()].flatMap((relation) => relation ?? [])
  const all = [...resolution.objects, ...resolution.targets, ...reached]
  return [...new Map(all.map(({ name }) => [relationKey(name), displayObject(name)])).values()]
}

/** Into a protected relation go values that no reviewer may see; which of them is not worked out. */
function bindsOf(
  { request, resolution, session }: HeldStatement,
  masks: readonly CompiledMask[],
): readonly ShownBind[] {
  const binding = masksFor(masks, session.principal)
  const withheld = resolution.targets.some(
    ({ relation }) => relation !== null && protectedColumns(binding, relation).size > 0,
  )
  return Object.entries(request.bindings ?? {}).map(([name, bind]) => {
    const { type, value } = isObject(bind) ? bind : {}
    return {
      name,
      type: String(type),
      value: withheld ? undefined : visibleValue(value as ShownBind['value']),
    }
  })
}

function visibleValue(value: ShownBind['value']): ShownBind['value'] {
  if (typeof value === 'string') return visibleText(value)
  return Array.isArray(value)
    ? (value as readonly (string | null)[]).map((cell) =>
        cell === null ? null : visibleText(cell),
      )
    : value
}
