/**
 * Objects that the API server has to refuse, and what it must say: the same list runs against the
 * validation of this program and against a real API server.
 */

import type { DefinedKind } from '../../crds/definitions.ts'
import { apiVersion } from '../../crds/definitions.ts'

type Fields = Readonly<Record<string, unknown>>

export interface RefusedObject {
  readonly title: string
  readonly kind: DefinedKind
  readonly object: Fields
  /** The object as it was, for one that may not be changed so. */
  readonly old?: Fields
  /** Where the API server says it is. This program may point to a field inside of it. */
  readonly field: string
  /** A part of what is said, where it is our own text. */
  readonly message?: string
}

const digest = `sha256:${'0'.repeat(64)}`

/** One valid object of each kind. */
export const specs: Readonly<Record<DefinedKind, Fields>> = {
  SnowflakeConnection: {
    account: 'acme-prod',
    user: 'FROSTGATE',
    role: 'READER',
    warehouse: 'WH',
    credential: { keyPair: { secretRef: { name: 'acme-key' } } },
    identityProviders: [{ name: 'cluster', kubernetes: {} }],
    allowedNamespaces: { from: 'Selector', selector: { matchLabels: { team: 'ci' } } },
    sidecar: {
      resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } },
      conflictingEnv: 'Warn',
    },
  },
  AgentPolicy: {
    connectionRef: { name: 'acme' },
    subjects: [{ provider: 'cluster', serviceAccounts: [{ namespace: 'ci', name: 'runner' }] }],
    rules: [
      { name: 'read', action: 'Allow', statements: ['Query'], objects: ['A.B.*'] },
      { name: 'never', action: 'Deny', statements: ['Drop'] },
    ],
  },
  MaskingRule: {
    connectionRef: { name: 'acme' },
    columns: ['A.B.C.SSN'],
    mask: { partial: { keepLast: 4 } },
  },
  ApprovalRequest: {
    connectionRef: { name: 'acme' },
    principal: { provider: 'okta', issuer: 'https://acme.okta.example', subject: 'agent-7' },
    statementDigest: digest,
    statement: 'DELETE FROM A.B.C WHERE ID = ?',
    role: 'READER',
    reason: 'Rule writes of policy agents asks for approval.',
    rules: [{ policy: 'agents', rule: 'writes' }],
    rulesDigest: digest,
    approvers: { groups: ['dba'] },
    expiresAt: '2030-01-01T00:00:00Z',
  },
  ApprovalDecision: {
    requestRef: { name: 'acme-1' },
    statementDigest: digest,
    verdict: 'Approve',
  },
}

/** The valid object of a kind with some fields of its spec replaced; undefined removes one. */
export function objectOf(kind: DefinedKind, changes: Fields = {}): Fields {
  const spec = Object.fromEntries(
    Object.entries({ ...specs[kind], ...changes }).filter(([, value]) => value !== undefined),
  )
  return structuredClone({ apiVersion, kind, metadata: { name: 'acme' }, spec })
}

const connection = (title: string, changes: Fields, field: string, message?: string) =>
  refused('SnowflakeConnection', title, changes, field, message)
const policy = (title: string, changes: Fields, field: string, message?: string) =>
  refused('AgentPolicy', title, changes, field, message)
const rule = (title: string, changes: Fields, field: string, message?: string) =>
  refused('MaskingRule', title, changes, field, message)

function refused(
  kind: DefinedKind,
  title: string,
  changes: Fields,
  field: string,
  message?: string,
): RefusedObject {
  const object = objectOf(kind, changes)
  return { title, kind, object, field, ...(message === undefined ? {} : { message }) }
}

function changedLater(
  kind: DefinedKind,
  title: string,
  changes: Fields,
  field: string,
  message: string,
): RefusedObject {
  return { ...refused(kind, title, changes, field, message), old: objectOf(kind) }
}

const keyPair = { secretRef: { name: 'acme-key' } }
const oneRule = (fields: Fields) => ({
  rules: [{ name: 'r', action: 'Allow', statements: ['Query'], ...fields }],
})

export const refusedObjects: readonly RefusedObject[] = [
  connection('no user', { user: undefined }, 'spec.user'),
  connection(
    'both account and host',
    { host: 'a.snowflakecomputing.com' },
    'spec',
    'exactly one of account, host',
  ),
  connection(
    'neither account nor host',
    { account: undefined },
    'spec',
    'exactly one of account, host',
  ),
  connection(
    'a host of somebody else without its certificates',
    { account: undefined, host: 'snowflake.example.com' },
    'spec.host',
    'needs tls.caSecretRef',
  ),
  connection('an account with a slash', { account: 'acme/../evil' }, 'spec.account'),
  connection(
    'two credentials',
    { credential: { keyPair, workloadIdentity: {} } },
    'spec.credential',
    'exactly one of keyPair, programmaticAccessToken, oauthClient, workloadIdentity',
  ),
  connection('no credential', { credential: {} }, 'spec.credential', 'exactly one of keyPair'),
  connection(
    'a provider that is of no kind',
    { identityProviders: [{ name: 'x' }] },
    'spec.identityProviders[0]',
    'exactly one of oidc, kubernetes',
  ),
  connection(
    'two providers that are this cluster',
    { identityProviders: ['a', 'b'].map((name) => ({ name, kubernetes: {} })) },
    'spec.identityProviders',
    "only one provider can be this cluster's",
  ),
  connection(
    'two providers of one name',
    {
      identityProviders: [
        { name: 'a', kubernetes: {} },
        { name: 'a', oidc: { issuer: 'https://a.example', audiences: ['x'] } },
      ],
    },
    'spec.identityProviders[1]',
  ),
  connection(
    'a symmetric algorithm',
    {
      identityProviders: [
        {
          name: 'a',
          oidc: { issuer: 'https://a.example', audiences: ['x'], algorithms: ['HS256'] },
        },
      ],
    },
    'spec.identityProviders[0].oidc.algorithms[0]',
  ),
  connection(
    'sessions for ever',
    { maxSessionAge: '48h' },
    'spec.maxSessionAge',
    'must be from 1m to 24h',
  ),
  connection('an age without a unit', { maxSessionAge: '90' }, 'spec.maxSessionAge'),
  connection('stale for ever', { maxStale: '25h' }, 'spec.maxStale', 'must be up to 24h'),
  connection('an old catalogue', { catalogMaxAge: '61m' }, 'spec.catalogMaxAge', 'up to 1h'),
  connection(
    'a selector where every namespace is meant',
    { allowedNamespaces: { from: 'All', selector: { matchLabels: { a: 'b' } } } },
    'spec.allowedNamespaces.selector',
    'selector goes with from Selector',
  ),
  connection(
    'no selector',
    { allowedNamespaces: { from: 'Selector' } },
    'spec.allowedNamespaces.selector',
    'selector goes with from Selector',
  ),
  connection(
    'a selector of no labels, which would be every namespace',
    { allowedNamespaces: { from: 'Selector', selector: { matchLabels: {} } } },
    'spec.allowedNamespaces.selector.matchLabels',
  ),
  connection(
    'memory in words',
    { sidecar: { resources: { limits: { memory: 'lots' } } } },
    'spec.sidecar.resources.limits.memory',
  ),
  policy('no subjects', { subjects: [] }, 'spec.subjects'),
  policy(
    'a subject who is everybody',
    { subjects: [{ provider: 'okta' }] },
    'spec.subjects[0]',
    'at least one of groups, subjects, claims, serviceAccounts',
  ),
  policy(
    'a service account without a namespace',
    { subjects: [{ provider: 'cluster', serviceAccounts: [{ name: 'x' }] }] },
    'spec.subjects[0].serviceAccounts[0].namespace',
  ),
  policy(
    'a rule about nothing',
    { rules: [{ name: 'r', action: 'Allow' }] },
    'spec.rules[0]',
    'at least one of statements, objects, columns',
  ),
  policy('an action in the wrong case', oneRule({ action: 'allow' }), 'spec.rules[0].action'),
  policy(
    'two rules of one name',
    { rules: [0, 1].map(() => oneRule({}).rules[0]) },
    'spec.rules[1]',
  ),
  policy(
    'an approval by nobody',
    oneRule({ action: 'RequireApproval' }),
    'spec.rules[0].approval',
    'approval goes with the action RequireApproval',
  ),
  policy(
    'an approval of what is allowed',
    oneRule({ approval: { approvers: { groups: ['dba'] } } }),
    'spec.rules[0].approval',
    'approval goes with the action RequireApproval',
  ),
  policy(
    'an approval that waits a year',
    oneRule({
      action: 'RequireApproval',
      approval: { approvers: { groups: ['dba'] }, expiresAfter: '8760h' },
    }),
    'spec.rules[0].approval.expiresAfter',
    'from 1m to 168h',
  ),
  policy(
    'functions of a Deny rule',
    oneRule({ action: 'Deny', functions: ['A.B.F'] }),
    'spec.rules[0].functions',
    'functions goes with the action Allow',
  ),
  policy(
    'stages of a Deny rule',
    oneRule({ action: 'Deny', stages: ['A.B.S'] }),
    'spec.rules[0].stages',
    'stages goes with Allow and RequireApproval',
  ),
  policy(
    'a message to nobody',
    oneRule({ message: 'Hello.' }),
    'spec.rules[0].message',
    'message is shown on refusal only',
  ),
  policy('a limit of nothing', { limits: { rowsPerStatement: 0 } }, 'spec.limits.rowsPerStatement'),
  changedLater(
    'AgentPolicy',
    'a policy that moves to another connection',
    { connectionRef: { name: 'other' } },
    'spec.connectionRef',
    'cannot be changed',
  ),
  rule('columns and tags', { tags: [{ name: 'A.B.PII' }] }, 'spec', 'exactly one of columns, tags'),
  rule('no columns', { columns: undefined }, 'spec', 'exactly one of columns, tags'),
  rule('no mask', { mask: {} }, 'spec.mask', 'exactly one of redact, "null"'),
  rule(
    'two masks',
    { mask: { redact: {}, null: {} } },
    'spec.mask',
    'exactly one of redact, "null"',
  ),
  rule(
    'a partial mask of nothing',
    { mask: { partial: {} } },
    'spec.mask.partial',
    'at least one of keepFirst, keepLast',
  ),
  rule(
    'a mask that shows too much',
    { mask: { partial: { keepLast: 9 } } },
    'spec.mask.partial.keepLast',
  ),
  rule(
    'a key in two places',
    { mask: { hash: { key: { function: 'A.B.F', secretRef: { name: 'k' } } } } },
    'spec.mask.hash.key',
    'exactly one of function, secretRef',
  ),
  rule(
    'a key of nowhere in statements',
    { mask: { hash: { key: { function: 'A.B.F', inStatements: 'Allow' } } } },
    'spec.mask.hash.key',
    'inStatements is about secretRef',
  ),
  rule(
    'joins on what is equal for different values',
    { usage: 'Joinable' },
    'spec.usage',
    'Joinable goes with hash and with token',
  ),
  rule(
    'joins on tokens of few digits',
    {
      usage: 'Joinable',
      mask: {
        token: { format: 'Digits', key: { secretRef: { name: 'k' }, inStatements: 'Allow' } },
      },
    },
    'spec.usage',
    'Joinable goes with hash and with token',
  ),
  changedLater(
    'MaskingRule',
    'a rule that moves to another connection',
    { connectionRef: { name: 'other' } },
    'spec.connectionRef',
    'cannot be changed',
  ),
  changedLater(
    'ApprovalRequest',
    'a request whose statement changes after it was approved',
    { statement: 'DELETE FROM A.B.C' },
    'spec',
    'cannot be changed',
  ),
  refused(
    'ApprovalRequest',
    'a digest that is none',
    { statementDigest: 'x'.repeat(71) },
    'spec.statementDigest',
  ),
  refused('ApprovalRequest', 'approvers of nobody', { approvers: {} }, 'spec.approvers'),
  changedLater(
    'ApprovalDecision',
    'a decision that is turned round',
    { verdict: 'Deny', reason: 'no' },
    'spec',
    'cannot be changed',
  ),
  refused(
    'ApprovalDecision',
    'a denial without a reason',
    { verdict: 'Deny' },
    'spec.reason',
    'say why by reason',
  ),
  refused('ApprovalDecision', 'a maybe', { verdict: 'Maybe' }, 'spec.verdict'),
]
