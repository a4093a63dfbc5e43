/** Objects as a large cluster has them: connections, each with policies and masking rules. */

import { generateKeyPairSync } from 'node:crypto'

import type { StoredObject } from '../../support/fake-api-server/objects.ts'

export const operatorNamespace = 'frostgate'
export const podNamespace = 'ci'

const apiVersion = 'frostgate.dev/v1alpha1'
const rulesPerPolicy = 10

export interface Placed {
  readonly plural: string
  readonly object: StoredObject
}

export function connectionName(index: number): string {
  return `account-${index}`
}

/** Five objects for each connection: itself, two policies, two masking rules. */
export function objectsOf(connections: number): readonly Placed[] {
  return Array.from({ length: connections }, (_, index) => [
    connection(index),
    policy(index, 'first'),
    policy(index, 'second'),
    mask(index, 'SSN'),
    mask(index, 'EMAIL'),
  ]).flat()
}

/** `change` makes a policy of another meaning. */
export function policy(index: number, name: string, change = 0): Placed {
  const spec = {
    ...refersTo(index),
    subjects: [{ provider: 'okta', groups: [`team-${index}`] }],
    rules: Array.from({ length: rulesPerPolicy }, (_, rule) => ({
      name: `read-${rule}`,
      action: 'Allow',
      statements: ['Query'],
      objects: [`DB_${rule}.PUBLIC.*`, `DB_${rule}.MART.T_A`, `DB_${rule}.MART.T_B`],
    })),
    limits: { rowsPerStatement: 1_000 + change },
  }
  return custom('AgentPolicy', 'agentpolicies', `policy-${index}-${name}`, spec)
}

/** What everything needs that is not ours: namespaces, and the one key that all connections use. */
export function surroundings(): readonly Placed[] {
  const namespaces = ['kube-system', operatorNamespace, podNamespace]
  const others = Array.from({ length: 200 }, (_, index) => `team-${index}`)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return [
    ...[...namespaces, ...others].map((name) => ({
      plural: 'namespaces',
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    })),
    {
      plural: 'secrets',
      object: {
        ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque' },
        metadata: { namespace: operatorNamespace, name: 'key' },
        data: { privateKey: Buffer.from(pem).toString('base64') },
      },
    },
  ]
}

function connection(index: number): Placed {
  return custom('SnowflakeConnection', 'snowflakeconnections', connectionName(index), {
    account: `acme-${index}`,
    user: 'FROSTGATE_AGENTS',
    role: 'READER',
    warehouse: 'WH',
    credential: { keyPair: { secretRef: { name: 'key' } } },
    identityProviders: [
      { name: 'okta', oidc: { issuer: 'https://acme.okta.example', audiences: ['frostgate'] } },
    ],
    allowedNamespaces: { from: 'All' },
  })
}

function mask(index: number, column: string): Placed {
  return custom('MaskingRule', 'maskingrules', `mask-${index}-${column.toLowerCase()}`, {
    ...refersTo(index),
    columns: [`DB_1.MART.T_A.${column}`, `DB_2.MART.T_B.${column}`],
    mask: { partial: { keepLast: 4 } },
    exceptFor: [{ provider: 'okta', groups: ['audit'] }],
  })
}

function refersTo(index: number) {
  return { connectionRef: { name: connectionName(index) } }
}

function custom(kind: string, plural: string, name: string, spec: object): Placed {
  const metadata = { namespace: operatorNamespace, name }
  return { plural, object: { apiVersion, kind, metadata, spec } }
}
