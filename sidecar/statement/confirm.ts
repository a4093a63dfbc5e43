/** Runs a plan, and lets nothing out that was made for other objects than those that were read. */

import { displayObject } from '../catalog/names.ts'
import { FrostgateError } from '../errors.ts'
import { recheck } from './recheck.ts'
import { run, type Watch } from './run.ts'
import type { Masked, Ran } from './stages.ts'
import { isUndoable, orUndo } from './undoable.ts'

/**
 * What changed meanwhile is planned once more. What has effects is checked before it runs, too:
 * afterwards it can only be reported.
 * @throws FrostgateError CatalogChanged, CatalogChangedLate, CatalogUnconfirmed; and those of `run`
 */
export async function runConfirmed(
  masked: Masked,
  planAgain: () => Promise<Masked>,
  watch: Watch,
): Promise<Ran> {
  // Column names and types of a description are no values, and the catalogue tells them anyway.
  if (masked.request.describeOnly) return await run(masked, watch)
  const attempt = attemptOf(masked)
  try {
    return await attempt(masked, watch)
  } catch (error) {
    if (!isChange(error)) throw error
  }
  return await attempt(await planAgain(), watch)
}

/** Of what people approved not even a query may run for other objects: it has cost, and effects. */
function attemptOf(masked: Masked): typeof checkThenRun {
  if (!isQuery(masked)) return checkThenRun
  return masked.hold === undefined ? runThenCheck : checkTwice
}

async function checkTwice(masked: Masked, watch: Watch): Promise<Ran> {
  await recheck(masked, masked.session.catalog, 'before')
  return await runThenCheck(masked, watch)
}

async function runThenCheck(masked: Masked, watch: Watch): Promise<Ran> {
  const ran = await run(masked, watch)
  await recheck(masked, masked.session.catalog)
  return ran
}

async function checkThenRun(masked: Masked, watch: Watch): Promise<Ran> {
  const { catalog } = masked.session
  await recheck(masked, catalog, 'before')
  if (isUndoable(masked)) return await orUndo(masked, () => runThenCheck(masked, watch))
  const ran = await run(masked, watch)
  await recheck(masked, catalog).catch((error: unknown) => {
    throw late(masked, watch, error)
  })
  return ran
}

function isQuery({ parsed: { statement } }: Masked): boolean {
  return statement.kind === 'QueryStatement'
}

function isChange(error: unknown): boolean {
  return error instanceof FrostgateError && error.entry === 'CatalogChanged'
}

function late({ resolution }: Masked, { incident }: Watch, error: unknown): unknown {
  if (!isChange(error)) return error
  const objects = [...resolution.objects, ...resolution.targets].map(({ name }) =>
    displayObject(name),
  )
  const object = [...new Set(objects)].slice(0, 3).join(', ')
  return FrostgateError.of('CatalogChangedLate', { object, incident }, { cause: error })
}
