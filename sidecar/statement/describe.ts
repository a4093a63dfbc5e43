/** What a judgement tells of a statement beside its verdict, as far as it came. */

import { displayObject, matchesObject, qualify } from '../catalog/names.ts'
import { relationKey, type QualifiedName } from '../catalog/types.ts'
import type { Bundle } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { everyColumnUse } from '../masking/column-uses.ts'
import { withoutKeys } from '../masking/methods/index.ts'
import { masksFor } from '../masking/protected.ts'
import { maskedRelations } from '../masking/relations.ts'
import type { RuleReference } from '../policy/decision.ts'
import type { SessionContext } from '../session/session.ts'
import { knownParts, partsOf, printFunction, printName } from '../sql/names.ts'
import type { JudgedMask, JudgedObject, Judgement } from './judgement.ts'
import { resultNames } from './result-names.ts'
import type { Analysis, Asked, Deciding, Masking, Resolving } from './stages.ts'

/** As far as a statement came. */
export type Progress =
  | Asked
  | (Asked & Analysis)
  | (Asked & Analysis & Resolving)
  | (Asked & Analysis & Resolving & Deciding)
  | (Asked & Analysis & Resolving & Deciding & Masking)

export const nothing: Judgement = {
  verdict: 'allow',
  error: null,
  grant: null,
  statement: null,
  rules: [],
  approval: null,
  objects: [],
  columns: [],
  functions: [],
  masks: [],
  emitted: null,
  outputs: null,
  observed: [],
  missing: [],
}

/** All that is known at the step that was reached. */
export function describe(known: Progress, bundle: Bundle): Judgement {
  if (!('facts' in known)) return nothing
  const { facts } = known
  const rules = 'decision' in known ? known.decision.rules : []
  return {
    ...nothing,
    statement: { kind: facts.kind, class: facts.class },
    rules,
    functions: [...new Set(facts.functions.map(printFunction))],
    objects: objectsOf(known, rules, bundle),
    ...('resolution' in known
      ? {
          columns: orNone(() => everyColumnUse(known, bundle)),
          masks: orNone(() => masksOf(known, bundle)),
        }
      : {}),
    ...('decision' in known ? { observed: known.decision.observed } : {}),
    ...('plan' in known
      ? { emitted: withoutKeys(known.emitted, known.plan.secrets), outputs: outputsOf(known) }
      : {}),
  }
}

/** What is only told, not judged: of a statement that is refused it may not be there to tell. */
function orNone<T>(tell: () => readonly T[]): readonly T[] {
  try {
    return tell()
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return []
    throw thrown
  }
}

function outputsOf({
  plan,
  parsed,
  resolution,
}: Masking & Analysis & Resolving): Judgement['outputs'] {
  const names = resultNames(parsed, resolution)
  // A plan tells no columns where nothing that it reaches is protected: it has no need to.
  if (plan.outputs === null) return names?.map((name) => ({ name, masked: false })) ?? null
  const aligned = names?.length === plan.outputs.length ? names : []
  return plan.outputs.map(({ name, image }, index) => ({
    name: name ?? aligned[index] ?? null,
    masked: image !== null,
  }))
}

function objectsOf(
  known: Asked & Analysis & Partial<Resolving>,
  rules: readonly RuleReference[],
  bundle: Bundle,
): readonly JudgedObject[] {
  const { facts, context, resolution } = known
  const found = new Map<string, JudgedObject>()
  const add = (name: string, more: Omit<JudgedObject, 'name'>): void => {
    const key = JSON.stringify([name, more.access])
    if (!found.has(key)) found.set(key, { name, ...more })
  }
  const named = (parts: readonly string[], access: 'read' | 'written'): void => {
    const name = qualified(parts, context)
    const relation = [...(resolution?.relations.values() ?? [])].find(
      (each) => each !== null && name !== null && displayObject(each.name) === displayObject(name),
    )
    add(name === null ? printName(parts) : displayObject(name), {
      kind: relation?.kind ?? 'unknown',
      access,
      rules: name === null ? [] : rules.filter((rule) => speaksOf(rule, name, bundle)),
    })
  }
  for (const { name } of facts.reads) named(partsOf(name), 'read')
  for (const { name } of facts.writes) named(knownParts(name), 'written')
  const direct = new Set([...found.values()].map(({ name }) => name))
  for (const relation of resolution?.relations.values() ?? []) {
    if (relation === null || direct.has(displayObject(relation.name))) continue
    add(displayObject(relation.name), { kind: relation.kind, access: 'behind a view', rules: [] })
  }
  return [...found.values()]
}

function qualified(parts: readonly string[], context: SessionContext): QualifiedName | null {
  try {
    return qualify(parts, context)
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return null
    throw thrown
  }
}

/** Policy has chosen the rules; this only tells which of them is behind which object. */
function speaksOf({ policy, rule }: RuleReference, name: QualifiedName, bundle: Bundle): boolean {
  const patterns = bundle.policies
    .filter((each) => each.name === policy)
    .flatMap(({ rules }) => rules.filter((each) => each.name === rule))
    .flatMap(({ objects }) => [objects])
  return patterns.some(
    (objects) => objects.length === 0 || objects.some((pattern) => matchesObject(pattern, name)),
  )
}

/** Of the relations that the statement itself names; of views, what comes from behind them too. */
function masksOf(
  { resolution, session }: Asked & Resolving,
  { masks }: Bundle,
): readonly JudgedMask[] {
  const binding = masksFor(masks, session.principal)
  const maskedOf = maskedRelations(resolution.relations, binding)
  const named = [
    ...resolution.objects.map(({ relation }) => relation),
    ...resolution.targets.flatMap(({ relation }) => relation ?? []),
  ]
  const once = new Map(named.map((relation) => [relationKey(relation.name), relation]))
  return [...once.values()].flatMap((relation) =>
    [...maskedOf(relation).columns.values()].map(({ column, relation: _relation, ...how }) => ({
      column: `${displayObject(relation.name)}.${printName([column.name])}`,
      ...how,
    })),
  )
}
