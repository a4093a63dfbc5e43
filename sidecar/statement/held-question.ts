/** What people are shown of a held statement. */

import { canonicalSha256 } from '../canonical-json.ts'
import { displayObject } from '../catalog/names.ts'
import type { ApprovalQuestion, ShownBind } from '../approvals/approvals.ts'
import { rowCountOf } from '../catalog/row-count.ts'
import { relationKey, type CatalogRelation, type QualifiedName } from '../catalog/types.ts'
import { aliasesOf } from '../identity/aliases.ts'
import { isObject } from '../json.ts'
import { emit, type Replacement, type Token } from '../sql/index.ts'
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
  const withheld = writesProtected(held, masks)
  return {
    request: hold.request,
    digest: canonicalSha256(hold.bound),
    bound: hold.bound,
    session: session.id,
    statement: entry.statement,
    principal: { provider, issuer, subject, groups, run: run ?? null, ...aliases },
    rule: hold.rule,
    approval: hold.approval,
    sql: visibleText(emit(parsed, withheld ? placeholders(parsed) : [])),
    kind: facts.kind,
    class: facts.class,
    objects: objectsOf(held),
    ...changesOf(held),
    maskedColumns: plan.maskedColumns,
    binds: bindsOf(held, withheld),
    variables: Object.fromEntries(
      facts.variables.flatMap((name) => {
        const value = variables.get(name)
        return value === undefined ? [] : [[name, withheld ? '(withheld)' : visibleText(value)]]
      }),
    ),
    place: { role, warehouse, database, schema },
    ...(reason === undefined ? {} : { agentReason: reason }),
    ...estimateOf(held),
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

type Resolved = Pick<HeldStatement, 'resolution'>

/** What it changes, names, or reaches behind a view. What it changes first, should there be many. */
function objectsOf({ resolution }: Resolved): readonly string[] {
  const all = [...resolution.targets, ...resolution.objects, ...reachedBy(resolution)]
  return namesOf(all.map(({ name }) => name))
}

function reachedBy({ relations }: HeldStatement['resolution']): readonly CatalogRelation[] {
  return [...relations.values()].flatMap((relation) => relation ?? [])
}

function namesOf(names: readonly QualifiedName[]): readonly string[] {
  return [...new Map(names.map((name) => [relationKey(name), displayObject(name)])).values()]
}

/** Which of the objects it changes, and when each was last altered, as far as that is known. */
function changesOf({ resolution }: Resolved): Pick<ApprovalQuestion, 'changed' | 'altered'> {
  const changed = namesOf(resolution.targets.map(({ name }) => name))
  const altered = reachedBy(resolution).flatMap(({ name, lastDdl }) => {
    const time = timeOf(lastDdl)
    return time === undefined ? [] : [[displayObject(name), time] as const]
  })
  return {
    ...(changed.length === 0 ? {} : { changed }),
    ...(altered.length === 0 ? {} : { altered: Object.fromEntries(altered) }),
  }
}

/** Of nanoseconds since the epoch. */
function timeOf(lastDdl: string | null): string | undefined {
  if (lastDdl === null || !/^\d{1,19}$/.test(lastDdl)) return undefined
  return new Date(Number(BigInt(lastDdl) / 1_000_000n)).toISOString()
}

function estimateOf({ resolution }: Resolved): Pick<ApprovalQuestion, 'estimatedRows'> {
  const counts = reachedBy(resolution).flatMap((relation) => rowCountOf(relation) ?? [])
  return counts.length === 0 ? {} : { estimatedRows: Math.max(...counts) }
}

/** Into a protected relation go values that no reviewer may see; which of them is not worked out. */
function writesProtected(
  { resolution, session }: Pick<HeldStatement, 'resolution' | 'session'>,
  masks: readonly CompiledMask[],
): boolean {
  const binding = masksFor(masks, session.principal)
  return resolution.targets.some(
    ({ relation }) => relation !== null && protectedColumns(binding, relation).size > 0,
  )
}

const placeholderOf: Readonly<Partial<Record<Token['type'], string>>> = {
  string: ':TEXT',
  binary: ':BINARY',
  number: ':NUMBER',
}

/** In place of each literal its type. The request is kept in the cluster, for whoever may read it. */
function placeholders({ tokens }: HeldStatement['parsed']): readonly Replacement[] {
  return tokens.flatMap(({ type }, index) => {
    const text = placeholderOf[type]
    return text === undefined ? [] : [{ span: { start: index, end: index + 1 }, text }]
  })
}

function bindsOf({ request }: HeldStatement, withheld: boolean): readonly ShownBind[] {
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
