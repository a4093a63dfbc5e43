/** What DDL that ran changes in what the gateway knows: the catalogue, and temporary objects. */

import { describedColumns } from '../catalog/described.ts'
import { displayObject } from '../catalog/names.ts'
import { relationKey, type QualifiedName, type ResolvedTarget } from '../catalog/types.ts'
import { viewBody } from '../catalog/view-definition.ts'
import { FrostgateError } from '../errors.ts'
import { temporaryRelation } from '../session/overlay.ts'
import { quoteName } from '../sql/names.ts'
import type { Statement } from '../sql/statements.ts'
import type { Analysis, Asked, Masked, Ran, Resolving } from './stages.ts'
import { inJson } from '../upstream/parameters.ts'

/** What the gateway keeps of each is small, but a session lasts for hours. */
const mostTemporary = 1_000

/**
 * A temporary and a permanent object of one name: the first hides the second, from this session
 * and so from the rules that name it.
 * @throws FrostgateError TemporaryHides, TemporaryTooMany
 */
export function refuseHiding({
  parsed,
  facts,
  resolution,
  session,
}: Pick<Asked, 'session'> & Analysis & Resolving): void {
  const temporary = makesTemporary(parsed.statement, resolution.targets)
  if (temporary && facts.class !== 'Drop' && (session.overlay?.size ?? 0) >= mostTemporary) {
    throw FrostgateError.of('TemporaryTooMany', { most: mostTemporary })
  }
  const hiding = resolution.targets.find(
    ({ use, relation }) => isNew(use) && relation !== null && relation.temporary !== temporary,
  )
  if (hiding === undefined) return
  throw FrostgateError.of('TemporaryHides', { object: displayObject(hiding.name) })
}

/** Call it once Snowflake has run the statement, before its result is released. Never refuses. */
export async function followObjects(ran: Ran): Promise<void> {
  if (ran.request.describeOnly || !changesDefinitions(ran)) return
  const { session, parsed, resolution } = ran
  const { targets } = resolution
  if (targets.length === 0) forgetAll(ran)
  for (const { name } of targets) session.catalog.forget(name)
  const temporary = makesTemporary(parsed.statement, targets)
  if (keepsWhatIsThere(ran)) return
  for (const { name, relation } of targets) {
    if (relation?.temporary) session.overlay.delete(relationKey(name))
  }
  const named = temporary && ran.facts.class !== 'Drop' ? targets.at(-1)?.name : undefined
  if (named !== undefined) await learn(ran, named)
}

/**
 * Call it where a statement went to Snowflake and failed. Unless Snowflake itself said that it
 * failed, it may have run: then nothing of what it names is known.
 */
export function unsettleObjects(masked: Masked, error: FrostgateError): void {
  const { session, parsed, entry, resolution } = masked
  if (entry.upstreamRequestId === undefined || refusedUpstream.has(error.entry)) return
  if (masked.request.describeOnly || !changesDefinitions(masked)) return
  session.catalog.invalidate()
  if (!makesTemporary(parsed.statement, resolution.targets)) return
  for (const { name } of resolution.targets) remember(masked, name, unreadable)
}

/** Snowflake itself said that nothing came of it. */
export const refusedUpstream: ReadonlySet<string> = new Set([
  'UpstreamFailed',
  'UpstreamFailedRedacted',
])

function changesDefinitions({ facts }: Analysis): boolean {
  return facts.class === 'DDL' || facts.class === 'Drop'
}

/** Of a schema or anything else whose objects the statement does not name one by one. */
function forgetAll({ session, facts, context }: Ran): void {
  session.catalog.invalidate()
  for (const { name, objectClass, privilege } of facts.writes) {
    if (objectClass !== 'SCHEMA' || (privilege !== 'DROP' && privilege !== 'REPLACE')) continue
    const [last, before] = name.parts.map(({ value }) => value).reverse()
    const database = before ?? context.database
    for (const [key, relation] of session.overlay) {
      const lies = relation.name.schema === last && relation.name.database === database
      if (lies) session.overlay.delete(key)
    }
  }
}

/** CREATE … IF NOT EXISTS of a temporary object that is there: its own text defines nothing. */
function keepsWhatIsThere({ parsed: { statement }, session, resolution }: Ran): boolean {
  if (statement.kind !== 'Create' || !statement.ifNotExists) return false
  return resolution.targets.every(({ name }) => session.overlay.has(relationKey(name)))
}

/** The columns as Snowflake has them now, asked in the only session that sees the object. */
async function learn(ran: Ran, name: QualifiedName): Promise<void> {
  const kind = ran.facts.kind.endsWith('View') ? 'view' : 'table'
  const columns = (await hides(ran, name)) ? null : await columnsOf(ran, kind, name)
  const body = kind === 'view' ? viewBody(ran.emitted, columns?.length ?? 0) : null
  remember(ran, name, columns === null ? unreadable : { kind, columns, body })
}

/** Is there a permanent one by now? What was there before was refused: see `refuseHiding`. */
async function hides({ session }: Ran, name: QualifiedName): Promise<boolean> {
  try {
    return (await session.catalog.relation(name)) !== null
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return true
    throw thrown
  }
}

async function columnsOf({ session }: Ran, kind: 'table' | 'view', name: QualifiedName) {
  const full = quoteName([name.database, name.schema, name.name])
  try {
    const answer = await session.upstream.query({
      sql: `DESCRIBE ${kind.toUpperCase()} ${full}`,
      bindings: undefined,
      describeOnly: false,
      parameters: inJson,
    })
    return answer.ok ? describedColumns(answer) : null
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return null
    throw thrown
  }
}

/** There, but with columns that are not known: statements that read it are refused. */
const unreadable = { kind: 'view', columns: [], body: null } as const

function remember(
  { session }: Masked,
  name: QualifiedName,
  known: Omit<Parameters<typeof temporaryRelation>[0], 'name'>,
): void {
  session.overlay.set(relationKey(name), temporaryRelation({ name, ...known }))
}

function isNew({ privilege }: ResolvedTarget['use']): boolean {
  return privilege === 'CREATE' || privilege === 'REPLACE'
}

const temporaryWords = new Set(['TEMP', 'TEMPORARY', 'VOLATILE'])

/** CREATE says so; ALTER leaves its object what it was, under whatever name. */
function makesTemporary(statement: Statement, targets: readonly ResolvedTarget[]): boolean {
  if (statement.kind !== 'Create') return targets[0]?.relation?.temporary === true
  return statement.modifiers.some((word) => temporaryWords.has(word))
}
