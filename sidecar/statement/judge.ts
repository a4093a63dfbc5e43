/**
 * Judges a statement without running it: the gateway's steps up to the text that would go to
 * Snowflake. For `explain`, `test`, replay and admission, so that they say what the sidecar does.
 */

import { cachedCatalog } from '../catalog/cache.ts'
import { displayObject } from '../catalog/names.ts'
import type { CatalogSource } from '../catalog/source.ts'
import type { Bundle, MaskKeys } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import type { JsonObject } from '../json.ts'
import { maskOf } from '../masking/methods/index.ts'
import { grantSession, type RequestedSession } from '../policy/session-grant.ts'
import { PolicyRefusal } from './analyse.ts'
import { describe, nothing, type Progress } from './describe.ts'
import type { JudgedError, Judgement } from './judgement.ts'
import { plan, read } from './plan.ts'
import type { Asked } from './stages.ts'

export interface JudgeInput {
  readonly bundle: Bundle
  readonly principal: Principal
  readonly sql: string
  /** Binds as drivers send them. */
  readonly binds?: JsonObject | undefined
  readonly requested?: RequestedSession
  /** Where the session stands; the role is the one that login gives. */
  readonly context: { readonly database: string | null; readonly schema: string | null }
  /** As the role of the session sees it. Undefined: only what needs none is judged. */
  readonly catalog: ((role: string, warehouse: string) => CatalogSource) | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Never refuses: a refusal is its result.
 * @throws what is no FrostgateError: a fault of this program.
 */
export async function judge(input: JudgeInput): Promise<Judgement> {
  const { bundle, principal } = input
  let grant
  try {
    grant = grantSession(bundle, principal, input.requested ?? {})
  } catch (thrown) {
    return { ...nothing, verdict: 'noLogin', error: errorOf(thrown) }
  }
  const missing: string[] = []
  const source = input.catalog?.(grant.role, grant.warehouse) ?? noCatalog(grant.role, missing)
  const asked: Asked = {
    session: {
      principal,
      grant,
      catalog: cachedCatalog(source, { maxAgeMs: Infinity, now: () => 0 }),
      maskKeys: stoodInKeys(bundle),
    },
    request: { sql: input.sql, bindings: input.binds, refusal: undefined },
    context: { ...input.context, role: grant.role, warehouse: grant.warehouse },
    now: input.now,
  }
  let known: Progress = asked
  const reached = (now: Progress): void => {
    known = now
  }
  try {
    const masked = await plan(read(asked, bundle, reached), bundle, reached)
    return { ...describe(masked, bundle), grant }
  } catch (thrown) {
    const so = { ...describe(known, bundle), grant }
    if (thrown instanceof CatalogNeeded) return { ...so, verdict: 'undecided', missing }
    return { ...so, ...refusalOf(thrown) }
  }
}

class CatalogNeeded extends Error {}

function noCatalog(role: string, missing: string[]): CatalogSource {
  return {
    role,
    relation: (name) => {
      missing.push(displayObject(name))
      return Promise.reject(new CatalogNeeded(displayObject(name)))
    },
    lastDdl: (names) => Promise.resolve(names.map(() => null)),
  }
}

function errorOf(thrown: unknown): JudgedError {
  if (!(thrown instanceof FrostgateError)) throw thrown
  const { entry, code, message, line, column } = thrown
  return { name: entry, code, message, line: line ?? null, column: column ?? null }
}

function refusalOf(
  thrown: unknown,
): Pick<Judgement, 'verdict' | 'error' | 'rules'> & Partial<Judgement> {
  if (!(thrown instanceof PolicyRefusal)) {
    return { verdict: 'deny', error: errorOf(thrown), rules: [] }
  }
  const { denied } = thrown
  return {
    verdict: denied.verdict,
    error: errorOf(denied.error),
    rules: denied.rule === undefined ? [] : [denied.rule],
    approval: denied.verdict === 'hold' ? denied.approval : null,
    observed: denied.observed,
  }
}

/** Nothing runs and no key is shown, so a statement is planned as if every key were there. */
function stoodInKeys({ masks }: Bundle): MaskKeys {
  return new Map(
    masks.flatMap(({ method }) => {
      const secret = maskOf(method).secretName
      return secret === null ? [] : [[secret, new Uint8Array(32)] as const]
    }),
  )
}
