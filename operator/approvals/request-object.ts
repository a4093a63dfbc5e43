/** The ApprovalRequest for a question, within the bounds of its schema. */

import { canonicalSha256 } from '../../sidecar/canonical-json.ts'
import type { ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalQuestion, ShownBind } from '../../sidecar/approvals/approvals.ts'
import { visibleText } from '../../sidecar/statement/visible-text.ts'
import { statementDigestOf } from './standing.ts'
import type { Asked } from './types.ts'

type Spec = ApprovalRequest['spec']
type Bind = NonNullable<Spec['binds']>[number]
type Variable = NonNullable<Spec['variables']>[number]

/** Of the gateway's process that asked. */
export const instanceAnnotation = 'frostgate.dev/instance'

const apiVersion = 'frostgate.dev/v1alpha1'

export function requestFrom(asked: Asked, name: string, now: number): ApprovalRequest {
  return {
    apiVersion,
    kind: 'ApprovalRequest',
    metadata: {
      namespace: asked.namespace,
      name,
      annotations: { [instanceAnnotation]: asked.instance },
    },
    spec: specOf(asked, now),
  }
}

function specOf({ connection, pod, question, approval }: Asked, now: number): Spec {
  const { bound, sql, place, rule } = question
  const statement = sql === '' ? '(nothing is shown of it)' : sql
  return {
    connectionRef: { name: connection },
    principal: principalOf(question),
    ...(pod === undefined
      ? {}
      : {
          pod: {
            namespace: pod.namespace,
            name: pod.name,
            uid: pod.uid,
            serviceAccountName: pod.serviceAccount,
          },
        }),
    statementDigest: statementDigestOf(question.digest),
    statement: cut(statement, 65_536),
    truncated: lengthOf(statement) > 65_536,
    ...optional('class', cut(question.class, 64)),
    ...some('binds', bindsOf(question)),
    ...some('variables', variablesOf(question)),
    role: cut(place.role, 257),
    ...optional('warehouse', cut(place.warehouse ?? '', 257)),
    ...optional('database', cut(place.database ?? '', 257)),
    ...optional('schema', cut(place.schema ?? '', 257)),
    ...some('objects', objectsOf(question)),
    ...some('maskedColumns', shown(question.maskedColumns, 1024, 2048)),
    rules: [{ policy: rule.policy, rule: rule.rule }],
    rulesDigest: statementDigestOf(canonicalSha256([bound.rules, bound.masks])),
    reason: cut(`Rule ${rule.rule} of policy ${rule.policy} asks people first.`, 2048),
    ...optional('agentReason', cut(visibleText(question.agentReason ?? '').trim(), 2048)),
    ...(question.estimatedRows === undefined ? {} : { estimatedRows: question.estimatedRows }),
    approvers: {
      ...some('groups', [...new Set(approval.approvers)]),
      ...some('users', [...new Set(approval.users ?? [])]),
      count: approval.count,
    },
    delivery: approval.delivery ?? 'Wait',
    uses: approval.uses ?? 1,
    validFor: `${approval.validFor ?? 900}s`.replace(/^(\d{6,})s$/, (_, all: string) =>
      inHours(all),
    ),
    expiresAt: expiryOf(now, approval.expiresAfter),
  }
}

/** In whole seconds, as are the times of decisions: what is later than it then also says so. */
function expiryOf(now: number, seconds: number): string {
  const at = Math.ceil(now / 1000 + seconds) * 1000
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

/** The schema takes five digits of a unit. */
function inHours(seconds: string): string {
  const all = Number(seconds)
  return `${Math.floor(all / 3600)}h${Math.floor((all % 3600) / 60)}m${all % 60}s`
}

function principalOf({ principal }: ApprovalQuestion): Spec['principal'] {
  const { provider, issuer, subject, groups, run, aliases = [] } = principal
  const short = aliases.filter((alias) => alias !== '' && lengthOf(alias) <= 1024)
  return {
    provider,
    issuer,
    subject,
    ...some('groups', shown(groups, 256, 256)),
    ...optional('run', cut(run ?? '', 256)),
    ...some('aliases', [...new Set(short)].slice(0, 16)),
  }
}

/** What is not known to be read only counts as changed. */
function objectsOf(question: ApprovalQuestion): NonNullable<Spec['objects']> {
  const { objects, changed, altered = {} } = question
  const onlyRead = new Set(changed === undefined ? [] : objects)
  for (const name of changed ?? []) onlyRead.delete(name)
  return shown(objects, 256, 1024).map((name) => ({
    name,
    access: onlyRead.has(name) ? 'Query' : cut(question.class, 64) || 'Other',
    ...(Object.hasOwn(altered, name) ? { lastDDL: cut(altered[name] ?? '', 64) } : {}),
  }))
}

function bindOf({ name, type, value }: ShownBind): Bind {
  const named = { name: cut(name, 256), type: cut(type, 64) }
  if (value === undefined) return { ...named, note: 'Withheld' }
  if (value === null) return { ...named, note: 'Null' }
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (lengthOf(text) <= 1024) return { ...named, value: text }
  return { ...named, value: cut(text, 1024), note: 'Truncated' }
}

function bindsOf({ binds }: ApprovalQuestion): readonly Bind[] {
  const rest = { name: '…', type: 'more', note: 'Truncated' } as const
  return few(binds, bindOf, (more) => ({ ...rest, value: `… and ${more} more` }))
}

function variablesOf({ variables }: ApprovalQuestion): readonly Variable[] {
  const rest = (more: number): Variable => ({ name: '…', value: `… and ${more} more` })
  return few(Object.entries(variables), variableOf, rest)
}

/** It has no note, so that what is not shown of it is said in the value. */
function variableOf([name, value]: readonly [string, string]): Variable {
  const points = lengthOf(value)
  const said = ` … (cut: ${points} characters)`
  return {
    name: cut(name, 256),
    value: points <= 1024 ? value : `${cut(value, 1024 - said.length)}${said}`,
  }
}

const mostValues = 256

/** As `shown`, for what is no text. */
function few<T, U>(all: readonly T[], of: (each: T) => U, rest: (more: number) => U): readonly U[] {
  if (all.length <= mostValues) return all.map(of)
  return [...all.slice(0, mostValues - 1).map(of), rest(all.length - mostValues + 1)]
}

/** That there are more is said in the last entry: a reviewer must not take a part for all. */
function shown(all: readonly string[], most: number, longest: number): readonly string[] {
  const texts = all.filter((each) => each !== '').map((each) => cut(each, longest))
  if (texts.length <= most) return texts
  return [...texts.slice(0, most - 1), `… and ${texts.length - most + 1} more`]
}

/** Code points, as the API server counts. */
function lengthOf(text: string): number {
  return Array.from(text).length
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const points = Array.from(text)
  return points.length <= most ? text : points.slice(0, most).join('')
}

function some<K extends string, T>(
  name: K,
  all: readonly T[],
): { readonly [P in K]?: readonly T[] } {
  return (all.length === 0 ? {} : { [name]: all }) as { readonly [P in K]?: readonly T[] }
}

function optional<K extends string>(name: K, text: string): { readonly [P in K]?: string } {
  return (text === '' ? {} : { [name]: text }) as { readonly [P in K]?: string }
}
