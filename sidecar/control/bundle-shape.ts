/** The bundle's shape at run time; that it is the one of `bundle.ts`, the compiler checks. */

import { X509Certificate } from 'node:crypto'

import { readPattern } from '../masking/portable-pattern.ts'
import { compileCondition } from '../policy/conditions/index.ts'
import { statementClasses } from '../sql/facts-types.ts'
import type {
  Bundle,
  CompiledMask,
  CompiledPolicy,
  CompiledRule,
  ConnectionSpec,
  CredentialSpec,
  MaskKey,
  Suspension,
} from './bundle.ts'
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

const credential = byKind<CredentialSpec>({
  keyPair: object({ kind: oneOf('keyPair'), secretName: text }),
  programmaticAccessToken: object({ kind: oneOf('programmaticAccessToken'), secretName: text }),
  workloadIdentity: object({
    kind: oneOf('workloadIdentity'),
    serviceAccount: text,
    audience: text,
  }),
})

const anyText: Reader<string> = (value, field) => {
  if (typeof value === 'string') return value
  throw new ShapeError(field, 'a string')
}

const flag: Reader<boolean> = (value, field) => {
  if (typeof value === 'boolean') return value
  throw new ShapeError(field, 'true or false')
}

const anything: Reader<unknown> = (value) => value

/** A shared or private key would let whoever reads the bundle make tokens. */
const publicKey: Reader<Readonly<Record<string, unknown>>> = (value, field) => {
  const read = record(anything)(value, field)
  const isPublic = ['RSA', 'EC', 'OKP'].includes(String(read['kty'])) && read['d'] === undefined
  if (isPublic) return read
  throw new ShapeError(field, 'a public JSON Web Key of type RSA, EC or OKP')
}

const certificate = /-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----/g

/** All of it, or trust would be narrower or wider than was written. */
const certificates: Reader<string> = (value, field) => {
  const pem = text(value, field)
  const found = pem.match(certificate) ?? []
  const rest = pem.replaceAll(certificate, '').trim()
  if (found.length > 0 && rest === '' && found.every(isCertificate)) return pem
  throw new ShapeError(field, 'certificates in PEM, and nothing else')
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

const suspendFields = object({
  all: flag,
  principals: list(object({ provider: text, subject: text })),
  reason: optional(text),
})

/** One that stops nobody is a mistake of whoever wrote it: somebody was meant. */
const suspension: Reader<Suspension> = (value, field) => {
  const read = suspendFields(value, field)
  if (read.all || read.principals.length > 0) return read
  throw new ShapeError(field, 'of everybody, or of one principal or more')
}

const suspend: Reader<Suspension | undefined> = optional(suspension)

const connectionFields = object({
  name: text,
  namespace: text,
  account: text,
  url: safeUrl,
  user: text,
  role: text,
  warehouse: text,
  credential,
  trust: nullable(certificates),
  identityProviders: someOf(
    object({
      name: text,
      issuer,
      audiences: someOf(text),
      groupsClaim: anyText,
      algorithms: someOf(algorithm),
      jwks: nullable(object({ keys: someOf(publicKey) })),
      podBound: flag,
    }),
  ),
  maxSessionAge: whole(1, 86_400),
  maxStale: whole(0, 86_400),
  catalogMaxAge: whole(0, 3_600),
  canaries: list(text),
  suspend,
})

/** A principal of a provider that there is not would go on. */
const connection: Reader<ConnectionSpec> = (value, field) => {
  const { suspend: stopped, ...read } = connectionFields(value, field)
  const known = read.identityProviders.map(({ name }) => name)
  const index = (stopped?.principals ?? []).findIndex(({ provider }) => !known.includes(provider))
  if (index >= 0) {
    const where = `${field}.suspend.principals[${index}].provider`
    throw new ShapeError(where, 'an identity provider of the connection')
  }
  return stopped === undefined ? read : { ...read, suspend: stopped }
}

const subject = object({
  provider: text,
  groups: optional(someOf(text)),
  subjects: optional(someOf(text)),
  claims: optional(record(text)),
})

const scalar: Reader<string | number | boolean> = (value, field) => {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new ShapeError(field, 'a string, a number or a boolean')
}

const part = nullable(text)
const objectPattern = object({ database: part, schema: part, name: part })
const columnPattern = object({ database: part, schema: part, name: part, column: part })

/** One that cannot be evaluated would close what it allows, but open what it denies. */
const condition: Reader<string> = (value, field) => {
  const written = text(value, field)
  if (!('problem' in compileCondition(written))) return written
  throw new ShapeError(field, 'a condition that this version can evaluate')
}

const pattern: Reader<string> = (value, field) => {
  const written = text(value, field)
  if (!('problem' in readPattern(written))) return written
  throw new ShapeError(field, 'a pattern that all engines read the same way')
}

const ruleFields = object({
  name: text,
  action: oneOf('Allow', 'Deny', 'RequireApproval'),
  statements: list(oneOf(...statementClasses)),
  objects: list(objectPattern),
  columns: list(columnPattern),
  functions: list(text),
  stages: list(objectPattern),
  when: optional(condition),
  approval: optional(
    object({
      approvers: list(text),
      users: optional(someOf(text)),
      count: whole(1, 16),
      expiresAfter: whole(1, 604_800),
      delivery: optional(oneOf('Wait', 'Retry')),
      reason: optional(oneOf('Required', 'Optional')),
      uses: optional(whole(1, 1_000)),
      validFor: optional(whole(1, 604_800)),
    }),
  ),
  message: optional(text),
})

const rule: Reader<CompiledRule> = (value, field) => {
  const read = ruleFields(value, field)
  if ((read.action === 'RequireApproval') === (read.approval !== undefined)) return read
  throw new ShapeError(`${field}.approval`, 'there for RequireApproval, and for no other action')
}

const policy: Reader<CompiledPolicy> = object({
  name: text,
  namespace: text,
  mode: oneOf('Enforce', 'Observe'),
  subjects: someOf(subject),
  session: object({
    role: optional(text),
    warehouse: optional(text),
    statementTimeoutSeconds: optional(whole(1, 604_800)),
    warehouses: list(text),
    parameters: record(scalar),
  }),
  rules: list(rule),
  limits: object({
    rowsPerStatement: optional(whole(1, million * million)),
    bytesPerStatement: optional(whole(1, million * million)),
    statementsPerMinute: optional(whole(1, million)),
    concurrentStatements: optional(whole(1, million)),
    rowsPerHour: optional(whole(1, million * million)),
  }),
  recording: oneOf('Full', 'Metadata', 'None'),
})

const kept = whole(0, 8)

const keyId: Reader<string> = (value, field) => {
  const id = text(value, field)
  if (/^[0-9a-f]{16}$/.test(id)) return id
  throw new ShapeError(field, '16 hexadecimal digits')
}

const key = byKind<MaskKey>({
  function: object({ kind: oneOf('function'), database: text, schema: text, name: text }),
  inStatement: object({ kind: oneOf('inStatement'), secretName: text, keyId: optional(keyId) }),
})

const mask: Reader<CompiledMask> = object({
  name: text,
  namespace: text,
  columns: list(columnPattern),
  tags: list(object({ database: text, schema: text, name: text, value: part })),
  subjects: list(subject),
  exceptFor: list(subject),
  method: byKind<CompiledMask['method']>({
    redact: object({ kind: oneOf('redact') }),
    null: object({ kind: oneOf('null') }),
    partial: object({ kind: oneOf('partial'), keepFirst: kept, keepLast: kept }),
    email: object({ kind: oneOf('email') }),
    hash: object({ kind: oneOf('hash'), key }),
    token: object({ kind: oneOf('token'), key, format: oneOf('Opaque', 'Digits'), domain: text }),
    dateTruncate: object({
      kind: oneOf('dateTruncate'),
      to: oneOf('Month', 'Quarter', 'Year'),
    }),
    bucket: object({ kind: oneOf('bucket'), size: whole(1, million * million) }),
    regex: object({
      kind: oneOf('regex'),
      pattern,
      replacement: anyText,
      unmatched: oneOf('Redact', 'Keep'),
    }),
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
