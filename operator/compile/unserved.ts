/**
 * Fields of the API whose work has not landed. They are refused where they stand: a policy that
 * is only partly understood must not be enforced in part.
 */

import type { FieldPath } from '../../crds/field-path.ts'
import type { Kind } from '../../crds/definitions.ts'
import type { Report } from './report.ts'

interface Unserved {
  readonly kind: Kind
  /** `*` is every entry of a list. */
  readonly path: readonly string[]
  readonly advice: string
}

const useKeyPair = 'Use keyPair.'
const useTokens = 'Name groups, subjects or claims of an oidc provider.'

/** Every one of them; the schemas' descriptions say the same, which a test holds. */
export const unserved: readonly Unserved[] = [
  ...['programmaticAccessToken', 'oauthClient', 'workloadIdentity'].map((field) => ({
    kind: 'SnowflakeConnection' as const,
    path: ['spec', 'credential', field],
    advice: useKeyPair,
  })),
  {
    kind: 'SnowflakeConnection',
    path: ['spec', 'identityProviders', '*', 'kubernetes'],
    advice: "Use oidc with the cluster's issuer.",
  },
  {
    kind: 'SnowflakeConnection',
    path: ['spec', 'allowedNamespaces'],
    advice: 'Leave it out; subjects of policies say who may use the connection.',
  },
  {
    kind: 'AgentPolicy',
    path: ['spec', 'subjects', '*', 'serviceAccounts'],
    advice: useTokens,
  },
  ...['subjects', 'exceptFor'].map((field) => ({
    kind: 'MaskingRule' as const,
    path: ['spec', field, '*', 'serviceAccounts'],
    advice: useTokens,
  })),
]

/** Reports every field of `object` that this version does not serve. */
export function reportUnserved(kind: Kind, object: unknown, report: Report): void {
  for (const entry of unserved.filter((each) => each.kind === kind)) {
    for (const { path } of find(object, entry.path)) {
      report(path, 'is not served by this version', entry.advice)
    }
  }
}

interface Found {
  readonly path: FieldPath
  readonly value: unknown
}

function find(root: unknown, steps: readonly string[]): readonly Found[] {
  return steps.reduce<readonly Found[]>(
    (found, step) => found.flatMap((each) => children(each, step)),
    [{ path: [], value: root }],
  )
}

function children({ path, value }: Found, step: string): readonly Found[] {
  if (step === '*') {
    const list: readonly unknown[] = Array.isArray(value) ? value : []
    return list.map((item, index) => ({ path: [...path, index], value: item }))
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return []
  return [{ path: [...path, step], value: (value as Readonly<Record<string, unknown>>)[step] }]
}
