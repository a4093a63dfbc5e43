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
  /** Only this value is refused; undefined: any. */
  readonly value?: string
  readonly advice: string
}

const useKeyPair = 'Use keyPair.'
const usePlainMask = 'Use redact, "null" or partial.'
const useTokens = 'Name groups, subjects or claims of an oidc provider.'
const useDeny = 'Use Allow or Deny.'

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
  {
    kind: 'AgentPolicy',
    path: ['spec', 'rules', '*', 'action'],
    value: 'RequireApproval',
    advice: useDeny,
  },
  {
    kind: 'AgentPolicy',
    path: ['spec', 'rules', '*', 'approval'],
    advice: 'Leave it out, and use Allow or Deny.',
  },
  {
    kind: 'AgentPolicy',
    path: ['spec', 'rules', '*', 'when'],
    advice: 'Move the condition into the subjects (claims) of a policy of its own.',
  },
  { kind: 'MaskingRule', path: ['spec', 'tags'], advice: 'List the columns instead.' },
  ...['email', 'hash', 'token', 'dateTruncate', 'bucket', 'regex'].map((field) => ({
    kind: 'MaskingRule' as const,
    path: ['spec', 'mask', field],
    advice: usePlainMask,
  })),
  {
    kind: 'MaskingRule',
    path: ['spec', 'usage'],
    value: 'Joinable',
    advice: 'Use Strict or AtRead.',
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
    for (const { path, value } of find(object, entry.path)) {
      if (entry.value === undefined) report(path, 'is not served by this version', entry.advice)
      else if (entry.value === value) {
        report(path, `${entry.value} is not served by this version`, entry.advice)
      }
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
