/** Bundles, principals and statements, as short as a test can say them. */

import {
  relationKey,
  type CatalogRelation,
  type QualifiedName,
} from '../../../sidecar/catalog/types.ts'
import type { Resolution } from '../../../sidecar/catalog/types.ts'
import type {
  ApprovalSpec,
  Bundle,
  ColumnPattern,
  CompiledPolicy,
  CompiledRule,
  ObjectPattern,
} from '../../../sidecar/control/bundle.ts'
import type { Principal } from '../../../sidecar/identity/principal.ts'
import { canonicalSha256 } from '../../../sidecar/canonical-json.ts'
import { decide, screen } from '../../../sidecar/policy/decide.ts'
import type { DecideInput } from '../../../sidecar/policy/decide.ts'
import type {
  Allowed,
  Decision,
  Denied,
  Held,
  SessionGrant,
} from '../../../sidecar/policy/decision.ts'
import type { Identifier, Literal, ObjectName, TableReference } from '../../../sidecar/sql/ast.ts'
import type { StatementClass, StatementFacts } from '../../../sidecar/sql/facts-types.ts'
import { noLimits } from '../../support/limits.ts'
import { emptyRule } from '../../support/rules.ts'
import { everyColumn } from './columns-support.ts'
import { pascal } from '../../../sidecar/sql/statements/definition.ts'
import type { AlterSession, Show, Statement, Use } from '../../../sidecar/sql/statements.ts'

const span = { start: 0, end: 1 }

export const principal: Principal = {
  provider: 'okta',
  issuer: 'https://okta.example',
  subject: 'agent-7',
  groups: ['ai-coding-agents', 'everyone'],
  claims: { repository: 'acme/etl', aud: ['frostgate', 'other'], admin: true },
  run: undefined,
  expiresAt: 0,
}

export const grant: SessionGrant = {
  policies: ['agents'],
  role: 'AGENT_READER',
  warehouse: 'AGENT_WH',
  statementTimeoutSeconds: 300,
  warehouses: [],
  parameters: {},
  limits: noLimits,
  recording: 'Full',
}

export function pattern(text: string): ObjectPattern {
  const [database = '*', schema = '*', name = '*'] = text.split('.')
  const part = (word: string): string | null => (word === '*' ? null : word)
  return { database: part(database), schema: part(schema), name: part(name) }
}

export function column(text: string): ColumnPattern {
  const last = text.split('.')[3] ?? '*'
  return { ...pattern(text), column: last === '*' ? null : last }
}

export interface RuleSketch {
  readonly name?: string
  readonly statements?: readonly StatementClass[]
  readonly objects?: readonly string[]
  readonly columns?: readonly string[]
  readonly functions?: readonly string[]
  readonly stages?: readonly string[]
  readonly when?: string
  readonly approval?: ApprovalSpec
  readonly message?: string
}

export const approval: ApprovalSpec = { approvers: ['stewards'], count: 1, expiresAfter: 900 }

const rule =
  (action: CompiledRule['action']) =>
  (sketch: RuleSketch = {}): CompiledRule => ({
    ...emptyRule,
    name: sketch.name ?? action.toLowerCase(),
    action,
    statements: sketch.statements ?? [],
    objects: (sketch.objects ?? []).map(pattern),
    columns: (sketch.columns ?? []).map(column),
    functions: sketch.functions ?? [],
    stages: (sketch.stages ?? []).map(pattern),
    when: sketch.when,
    approval: action === 'RequireApproval' ? (sketch.approval ?? approval) : undefined,
    message: sketch.message,
  })

export const allow = rule('Allow')
export const deny = rule('Deny')
export const hold = rule('RequireApproval')

export function policy(
  rules: readonly CompiledRule[],
  more: Partial<CompiledPolicy> = {},
): CompiledPolicy {
  return {
    name: 'agents',
    namespace: 'frostgate',
    mode: 'Enforce',
    subjects: [
      { provider: 'okta', groups: ['ai-coding-agents'], subjects: undefined, claims: undefined },
    ],
    session: {
      role: undefined,
      warehouse: undefined,
      statementTimeoutSeconds: undefined,
      warehouses: [],
      parameters: {},
    },
    rules,
    limits: noLimits,
    recording: 'Metadata',
    ...more,
  }
}

export function bundle(...policies: readonly CompiledPolicy[]): Bundle {
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    digest: 'sha256:00',
    connection: {
      name: 'acme',
      namespace: 'frostgate',
      account: 'acme',
      url: 'https://acme.example',
      user: 'FROSTGATE_AGENTS',
      role: 'AGENT_READER',
      warehouse: 'AGENT_WH',
      credential: { kind: 'keyPair', secretName: 'acme-key' },
      trust: null,
      identityProviders: [],
      maxSessionAge: 28_800,
      maxStale: 600,
      catalogMaxAge: 60,
      canaries: [],
    },
    policies,
    masks: [],
  }
}

// ── Statements ────────────────────────────────────────────────────────────────────────────────

export interface Sketch {
  readonly statement: Statement
  readonly facts: StatementFacts
  readonly resolution: Resolution | undefined
}

export function objectName(text: string): ObjectName {
  const parts = text
    .split('.')
    .map((value): Identifier => ({ kind: 'Identifier', value, quoted: false, span }))
  return { kind: 'ObjectName', parts, span }
}

function factsFor(more: Partial<StatementFacts>): StatementFacts {
  return {
    kind: 'Select',
    class: 'Query',
    structured: true,
    parts: [],
    reads: [],
    writes: [],
    uses: [],
    functions: [],
    columns: [],
    dynamic: [],
    stages: [],
    urls: [],
    variables: [],
    assigns: [],
    parameters: [],
    granted: [],
    binds: [],
    timeTravel: [],
    priorResults: [],
    effects: { persists: false, unloads: false, schedules: false },
    ...more,
  }
}

export function relation(text: string, columns: readonly string[] = ['ID']): CatalogRelation {
  return {
    name: qualified(text),
    kind: 'table',
    columns: columns.map((name) => ({
      name,
      type: { name: 'TEXT', length: 20, precision: null, scale: null },
      nullable: true,
    })),
    body: null,
    lastDdl: null,
    tags: [],
    temporary: false,
  }
}

function qualified(text: string): QualifiedName {
  const [database = '', schema = '', name = ''] = text.split('.')
  return { database, schema, name }
}

/** A query of the objects named, each fully qualified, found in the catalogue. */
export function select(
  objects: readonly string[] = [],
  more: Partial<StatementFacts> & {
    readonly behind?: readonly CatalogRelation[]
    readonly relations?: readonly CatalogRelation[]
    readonly viewFunctions?: Resolution['viewFunctions']
  } = {},
): Sketch {
  const { behind = [], relations, viewFunctions = [], ...facts } = more
  const reads = objects.map((text) => {
    const name = objectName(text)
    const reference: TableReference = {
      kind: 'TableReference',
      name,
      alias: undefined,
      columnAliases: [],
      timeTravel: [],
      sample: [],
      span,
    }
    return { name, reference }
  })
  const found = relations ?? objects.map((text) => relation(text))
  const query = {
    kind: 'Query',
    with: undefined,
    body: { kind: 'Values', rows: [], span },
    orderBy: [],
    orderByAll: false,
    limit: undefined,
    offset: undefined,
    span,
  } as const
  return {
    statement: { kind: 'QueryStatement', query, span },
    facts: factsFor({ reads, ...facts }),
    resolution: {
      objects: reads.flatMap((use, index) => {
        const known = found[index]
        return known === undefined ? [] : [{ use, name: known.name, relation: known }]
      }),
      targets: [],
      relations: new Map([...found, ...behind].map((known) => [relationKey(known.name), known])),
      viewFunctions,
    },
  }
}

export function call(text: string, table = false): StatementFacts['functions'][number] {
  return { name: text.split('.'), type: table ? 'Table' : 'Scalar', span: { start: 7, end: 8 } }
}

export function head(
  verb: string,
  objectClass: string | undefined,
  name: string | undefined,
  statementClass: StatementClass,
): Sketch {
  const object = name === undefined ? undefined : objectName(name)
  return {
    // A statement that is read, but not governed; which one does not matter to policy.
    statement: {
      kind: 'FunctionBody',
      expression: { kind: 'Literal', type: 'null', value: '', span },
      span,
    },
    facts: factsFor({
      kind: pascal(`${verb} ${objectClass ?? ''}`),
      class: statementClass,
      writes: object === undefined ? [] : [{ name: object, objectClass: 'TABLE', privilege: verb }],
    }),
    resolution: undefined,
  }
}

const plain = (statement: Statement, statementClass: StatementClass): Sketch => ({
  statement,
  facts: factsFor({ kind: statement.kind, class: statementClass }),
  resolution: undefined,
})

export const use = (object: Use['object'], name: string): Sketch =>
  plain({ kind: 'Use', object, name: objectName(name), span }, 'Session')

export const transaction: Sketch = plain(
  { kind: 'Transaction', action: 'BEGIN', name: undefined, span },
  'Transaction',
)

export function alterSession(
  action: AlterSession['action'],
  name: string,
  value?: string,
  type: Literal['type'] = 'string',
): Sketch {
  const literal: Literal | undefined =
    value === undefined ? undefined : { kind: 'Literal', type, value, span }
  return plain(
    { kind: 'AlterSession', action, parameters: [{ name, value: literal }], span },
    'Session',
  )
}

export function show(
  objects: Show['objects'],
  scope?: NonNullable<Show['in']>['scope'],
  name?: string,
): Sketch {
  const within =
    scope === undefined
      ? undefined
      : { scope, name: name === undefined ? undefined : objectName(name), detail: undefined }
  const clauses = { className: undefined, like: undefined, startsWith: undefined, limit: undefined }
  const flags = { terse: false, history: false, privileges: [], options: [] }
  return plain({ kind: 'Show', objects, ...clauses, ...flags, in: within, span }, 'Meta')
}

export const describeTable = (name: string): Sketch => {
  const clauses = {
    types: undefined,
    within: undefined,
    type: 'COLUMNS',
    revision: undefined,
  } as const
  return plain(
    { kind: 'Describe', object: 'TABLE', name: objectName(name), ...clauses, span },
    'Meta',
  )
}

// ── Asking ────────────────────────────────────────────────────────────────────────────────────

/** What a request for approval is about, where a test does not say. */
export const approvable: DecideInput['approvable'] = {
  text: () => 'SELECT 1',
  binds: undefined,
  digest: canonicalSha256,
}

export function inputFor(
  policies: readonly CompiledPolicy[],
  sketch: Sketch,
  more: Partial<DecideInput> = {},
): DecideInput {
  return {
    bundle: bundle(...policies),
    principal,
    ...sketch,
    session: { grant, context: { database: 'ANALYTICS', schema: 'PUBLIC' } },
    columns: everyColumn(sketch.resolution),
    priorResults: undefined,
    now: 0,
    position: (token) => ({ line: 1, column: token + 1 }),
    approvable,
    ...more,
  }
}

export function ask(
  policies: readonly CompiledPolicy[],
  sketch: Sketch,
  more: Partial<DecideInput> = {},
): Decision {
  return decide(inputFor(policies, sketch, more))
}

export function screened(policies: readonly CompiledPolicy[], sketch: Sketch): Denied | undefined {
  return screen(inputFor(policies, sketch))
}

export function allowed(decision: Decision): Allowed {
  if (decision.verdict !== 'allow') throw new Error(`refused: ${decision.error.message}`)
  return decision
}

export function held(decision: Decision): Held {
  if (decision.verdict !== 'hold') throw new Error(`not held, but ${decision.verdict}`)
  return decision
}

export function denied(decision: Decision | undefined): Denied {
  if (decision?.verdict !== 'deny') throw new Error('not denied')
  return decision
}
