/** A small catalogue, and the way of a statement up to the text that runs. */

import type {
  CatalogRelation,
  ColumnType,
  QualifiedName,
  RelationMap,
  Resolution,
} from '../../../sidecar/catalog/types.ts'
import { qualify } from '../../../sidecar/catalog/names.ts'
import { relationKey } from '../../../sidecar/catalog/types.ts'
import { systemRelation } from '../../../sidecar/catalog/system-relations.ts'
import type {
  CompiledMask,
  MaskKeys,
  MaskMethod,
  ObjectPattern,
} from '../../../sidecar/control/bundle.ts'
import { FrostgateError } from '../../../sidecar/errors.ts'
import type { JsonObject } from '../../../sidecar/json.ts'
import type { ObjectName } from '../../../sidecar/sql/ast.ts'
import type { StatementFacts } from '../../../sidecar/sql/facts-types.ts'
import type { Principal } from '../../../sidecar/identity/principal.ts'
import type { Shape } from '../../../sidecar/masking/lineage/types.ts'
import { planMasking } from '../../../sidecar/masking/plan.ts'
import type { MaskPlan } from '../../../sidecar/masking/plan.ts'
import {
  emit,
  factsOf,
  parseStatement,
  partsOf,
  verifyRoundTrip,
} from '../../../sidecar/sql/index.ts'

export function type(name: string, sizes: Partial<Omit<ColumnType, 'name'>> = {}): ColumnType {
  return { name, length: null, precision: null, scale: null, ...sizes }
}

export const integer = type('NUMBER', { precision: 38, scale: 0 })
export const text = (length: number): ColumnType => type('TEXT', { length })

export function table(
  name: string,
  columns: Readonly<Record<string, ColumnType>>,
  body: string | null = null,
): CatalogRelation {
  return {
    name: { database: 'DB', schema: 'S', name },
    kind: body === null ? 'table' : 'view',
    columns: Object.entries(columns).map(([column, of]) => ({
      name: column,
      type: of,
      nullable: true,
    })),
    body,
    lastDdl: null,
    tags: [],
    temporary: false,
  }
}

const patient = { ID: integer, NAME: text(100), SSN: text(11), CITY: text(50) }

export const schema: readonly CatalogRelation[] = [
  table('PATIENTS', patient),
  table('VISITS', { PID: integer, SSN: text(11), FEE: integer }),
  table('GUESS', { G: text(11) }),
  table('DOCS', { ID: integer, DOC: type('VARIANT') }),
  table('V_STAR', patient, 'SELECT * FROM patients'),
  table('V_RENAMED', { X: text(11) }, 'SELECT ssn FROM patients'),
  table('V_CLEAN', { ID: integer }, "SELECT id FROM patients WHERE ssn LIKE '1%'"),
  table('V_NESTED', { Y: text(11), C: integer }, 'SELECT x, 1 FROM v_renamed'),
  table('V_OTHER', { PID: integer }, 'SELECT pid FROM visits'),
]

const principal: Principal = {
  provider: 'okta',
  issuer: 'https://okta.example',
  subject: 'agent',
  groups: ['agents'],
  claims: {},
  run: undefined,
  expiresAt: 0,
}

export function person(...groups: readonly string[]): Principal {
  return { ...principal, groups }
}

export function mask(
  column: string,
  method: MaskMethod = { kind: 'partial', keepFirst: 0, keepLast: 4 },
  more: Partial<CompiledMask> = {},
): CompiledMask {
  const [relation = '', name = ''] = column.split('.')
  const pattern = { database: 'DB', schema: 'S', name: relation, column: name }
  return {
    name: `hide-${name.toLowerCase()}`,
    namespace: 'data',
    columns: [pattern],
    tags: [],
    subjects: [],
    exceptFor: [],
    method,
    usage: 'Strict',
    ...more,
  }
}

export const ssnMask = mask('PATIENTS.SSN')
const docMask = mask('DOCS.DOC', { kind: 'null' })

export interface Setting {
  readonly relations?: readonly CatalogRelation[]
  readonly masks?: readonly CompiledMask[]
  readonly principal?: Principal
  readonly visibility?: readonly ObjectPattern[] | null
  readonly keys?: MaskKeys
  readonly bindings?: JsonObject
  readonly tableOf?: () => Shape
}

export interface Planned extends MaskPlan {
  readonly emitted: string
}

/** What the gateway does between reading a statement and sending it. */
export function plan(sql: string, setting: Setting = {}): Planned {
  const parsed = parseStatement(sql)
  const facts = factsOf(parsed.statement)
  const planned = planMasking({
    parsed,
    facts,
    resolution: resolved(facts, setting.relations ?? schema),
    masks: setting.masks ?? [ssnMask, docMask],
    principal: setting.principal ?? principal,
    context: { database: 'DB', schema: 'S' },
    visibility: setting.visibility ?? null,
    bindings: setting.bindings,
    keys: setting.keys ?? new Map(),
    ...(setting.tableOf === undefined ? {} : { tableOf: setting.tableOf }),
  })
  const emitted = emit(parsed, planned.replacements)
  verifyRoundTrip(parsed, emitted, planned.replacements)
  return { ...planned, emitted }
}

/** Every relation there is counts as reached. */
export function resolved(facts: StatementFacts, known: readonly CatalogRelation[]): Resolution {
  const relations = relationMap(known)
  const named = (name: ObjectName) => qualify(partsOf(name), { database: 'DB', schema: 'S' })
  const objects = facts.reads.map((use) => {
    const name = named(use.name)
    return { use, name, relation: found(relations, name) }
  })
  const targets = facts.writes
    .filter(({ objectClass }) => objectClass !== 'SCHEMA')
    .map((use) => {
      const name = named(use.name)
      return { use, name, relation: relations.get(relationKey(name)) ?? null }
    })
  return { objects, targets, relations, viewFunctions: [] }
}

/** The refusal a statement meets. */
export function refusal(sql: string, setting: Setting = {}): FrostgateError {
  try {
    plan(sql, setting)
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return thrown
    throw thrown
  }
  throw new Error(`not refused: ${sql}`)
}

function relationMap(relations: readonly CatalogRelation[]): RelationMap {
  return new Map(relations.map((relation) => [relationKey(relation.name), relation]))
}

function found(relations: RelationMap, name: QualifiedName): CatalogRelation {
  const relation = relations.get(relationKey(name)) ?? systemRelation(name)
  if (relation === null) {
    throw FrostgateError.of('ObjectUnknown', { object: relationKey(name), role: 'AGENT' })
  }
  return relation
}

/** The masking derived table of PATIENTS, without what follows its name. */
export const maskedPatients =
  '(SELECT "ID", "NAME", CAST(CASE WHEN "SSN" IS NULL THEN NULL ELSE CASE WHEN LENGTH("SSN") < 8 ' +
  `THEN REPEAT('*', LENGTH("SSN")) ELSE REPEAT('*', GREATEST(LENGTH("SSN") - 4, 0)) || ` +
  'RIGHT("SSN", 4) END END AS VARCHAR(11)) AS "SSN", "CITY" FROM "DB"."S"."PATIENTS"'
