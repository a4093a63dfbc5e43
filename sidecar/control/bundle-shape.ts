/** The bundle's shape at run time; that it is the one of `bundle.ts`, the compiler checks. */

import { statementClasses } from '../sql/facts-types.ts'
import type { Bundle, CompiledMask, CompiledPolicy, ConnectionSpec } from './bundle.ts'
import type { Reader } from './shape.ts'
import {
  byKind,
  list,
  nullable,
  object,
  oneOf,
  optional,
  record,
  ShapeError,
  someOf,
  text,
  whole,
} from './shape.ts'
import { isSafeTransport } from './transport.ts'

const million = 1_000_000

const safeUrl: Reader<string> = (value, field) => {
  const url = text(value, field)
  if (URL.canParse(url) && isSafeTransport(new URL(url)) && !url.endsWith('/')) return url
  throw new ShapeError(field, 'an https URL without a slash at its end (http to loopback only)')
}

const issuer: Reader<string> = (value, field) => {
  const url = text(value, field)
  if (URL.canParse(url) && isSafeTransport(new URL(url))) return url
  throw new ShapeError(field, 'an https URL (http to loopback only)')
}

/** Asymmetric ones only: an issuer's public key must never be taken for a shared secret. */
const algorithm = oneOf(
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
)

const connection: Reader<ConnectionSpec> = object({
  name: text,
  namespace: text,
  account: text,
  url: safeUrl,
  user: text,
  role: text,
  warehouse: text,
  credential: object({ kind: oneOf('keyPair'), secretName: text }),
  identityProviders: someOf(
    object({
      name: text,
      issuer,
      audiences: someOf(text),
      groupsClaim: text,
      algorithms: someOf(algorithm),
    }),
  ),
  maxSessionAge: whole(1, 86_400),
})

const subject = object({
  provider: text,
  groups: optional(someOf(text)),
  subjects: optional(someOf(text)),
  claims: optional(record(text)),
})

const part = nullable(text)
const objectPattern = object({ database: part, schema: part, name: part })
const columnPattern = object({ database: part, schema: part, name: part, column: part })

const policy: Reader<CompiledPolicy> = object({
  name: text,
  namespace: text,
  mode: oneOf('Enforce', 'Observe'),
  subjects: someOf(subject),
  session: object({
    role: optional(text),
    warehouse: optional(text),
    statementTimeoutSeconds: optional(whole(1, 604_800)),
  }),
  rules: list(
    object({
      name: text,
      action: oneOf('Allow', 'Deny'),
      statements: list(oneOf(...statementClasses)),
      objects: list(objectPattern),
      columns: list(columnPattern),
      functions: list(text),
      message: optional(text),
    }),
  ),
  limits: object({
    rowsPerStatement: optional(whole(1, million * million)),
    statementsPerMinute: optional(whole(1, million)),
  }),
  recording: oneOf('Full', 'Metadata', 'None'),
})

const kept = whole(0, 8)

const mask: Reader<CompiledMask> = object({
  name: text,
  namespace: text,
  columns: someOf(columnPattern),
  subjects: list(subject),
  exceptFor: list(subject),
  method: byKind<CompiledMask['method']>({
    redact: object({ kind: oneOf('redact') }),
    null: object({ kind: oneOf('null') }),
    partial: object({ kind: oneOf('partial'), keepFirst: kept, keepLast: kept }),
  }),
  usage: oneOf('Strict', 'AtRead', 'Joinable'),
})

/** A whole bundle; its digest is not checked here. */
export const readBundleShape: Reader<Bundle> = object({
  apiVersion: oneOf('frostgate.dev/v1alpha1'),
  digest: text,
  connection,
  policies: list(policy),
  masks: list(mask),
})
