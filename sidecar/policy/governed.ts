/**
 * Which statements this version can judge and mask to the last token. All others are read too, so
 * that a refusal can name them and their objects, but they never run.
 */

import type { Statement } from '../sql/statements.ts'
import { changes } from './governed/change.ts'
import { copies } from './governed/copy.ts'
import { creations } from './governed/create.ts'
import { changesOfRows } from './governed/dml.ts'
import type { Obstacle, Obstacles } from './governed/obstacle.ts'
import { queries } from './governed/query.ts'
import { sessions } from './governed/session.ts'

/** Kinds that are not here are not governed, whatever they hold. */
const governed: Obstacles = {
  ...queries,
  ...sessions,
  ...changesOfRows,
  ...creations,
  ...changes,
  ...copies,
}

export function isGoverned(statement: Statement): boolean {
  return governed[statement.kind] !== undefined && obstacleIn(statement) === undefined
}

/** Trees do not change, and several steps ask about the same one. */
const known = new WeakMap<Statement, { readonly obstacle: string | undefined }>()

/** Of a kind that is governed: what keeps this one from running. */
export function obstacleIn(statement: Statement): string | undefined {
  let found = known.get(statement)
  if (found === undefined) known.set(statement, (found = { obstacle: look(statement) }))
  return found.obstacle
}

function look(statement: Statement): string | undefined {
  // The key is the statement's own kind, which the compiler cannot see.
  const obstacle = governed[statement.kind] as Obstacle<Statement> | undefined
  return obstacle?.(statement)
}
