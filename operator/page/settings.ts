/** Settings of the approvals page, from a file that the chart writes. */

import { parse } from 'yaml'

import { isObject, type JsonObject } from '../../sidecar/json.ts'
import { parseDuration } from '../compile/duration.ts'

export interface PageSettings {
  /** Origin at which people reach the page, such as https://approvals.example.com. */
  readonly url: string
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client, which proves itself by PKCE alone. */
  readonly clientSecretFile: string | undefined
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post'
  readonly scopes: readonly string[]
  readonly usernameClaim: string
  readonly usernamePrefix: string
  readonly groupsClaim: string
  readonly groupsPrefix: string
  /** PEM of the authority that signed the issuer's certificate; undefined for the usual ones. */
  readonly issuerCaFile: string | undefined
  /** Groups that see all requests without deciding any. */
  readonly viewers: readonly string[]
  /** How long a login is good for, in milliseconds. */
  readonly sessionMs: number
  /** Whether a login also ends when its id_token expires. */
  readonly endWithIdToken: boolean
}

const longestSessionMs = 8 * 3_600_000

const known = [
  'url',
  'issuer',
  'clientId',
  'clientSecretFile',
  'clientAuthentication',
  'scopes',
  'usernameClaim',
  'usernamePrefix',
  'groupsClaim',
  'groupsPrefix',
  'issuerCaFile',
  'viewers',
  'session',
  'endWithIdToken',
] as const

type Field = (typeof known)[number]

/** @throws Error that names the field, what is wrong with it and what to write. */
export function readPageSettings(text: string): PageSettings {
  const file = document(text)
  const issuer = issuerOf(string(file, 'issuer'))
  const usernameClaim = string(file, 'usernameClaim', 'sub')
  return {
    url: originOf(string(file, 'url')),
    issuer,
    clientId: string(file, 'clientId'),
    clientSecretFile: optional(file, 'clientSecretFile'),
    clientAuthentication: authentication(file),
    scopes: scopes(file),
    usernameClaim,
    usernamePrefix: usernamePrefix(file, usernameClaim === 'email' ? '' : `${issuer}#`),
    groupsClaim: string(file, 'groupsClaim', 'groups'),
    groupsPrefix: prefix(file, 'groupsPrefix', ''),
    issuerCaFile: optional(file, 'issuerCaFile'),
    viewers: strings(file, 'viewers', []),
    sessionMs: session(string(file, 'session', '1h')),
    endWithIdToken: flag(file, 'endWithIdToken'),
  }
}

function document(text: string): JsonObject {
  let value: unknown
  try {
    value = parse(text, { uniqueKeys: true, maxAliasCount: 0 })
  } catch {
    // The parser quotes what it read.
    throw new Error("The approvals page's settings are neither YAML nor JSON.")
  }
  if (!isObject(value))
    throw new Error(`The approvals page's settings are no object. Write ${known.join(', ')}.`)
  const unknown = Object.keys(value).find((key) => !known.includes(key as Field))
  if (unknown !== undefined) throw wrong(unknown, `is not known. There are: ${known.join(', ')}`)
  return value
}

function wrong(field: string, what: string): Error {
  return new Error(`The approvals page's setting "${field}" ${what}.`)
}

function string(file: JsonObject, field: Field, usual?: string): string {
  const value = file[field] ?? usual
  if (value === undefined) throw wrong(field, 'is missing')
  if (typeof value === 'string' && value !== '' && value.length <= 2048) return value
  throw wrong(field, 'is not a text of 1 to 2048 characters')
}

function optional(file: JsonObject, field: Field): string | undefined {
  return file[field] === undefined ? undefined : string(file, field)
}

/** As kube-apiserver's --oidc-username-prefix: without one the usual, `-` for none. */
function usernamePrefix(file: JsonObject, usual: string): string {
  const given = prefix(file, 'usernamePrefix', '')
  return given === '-' ? '' : given === '' ? usual : given
}

/** Empty is meant: no prefix. */
function prefix(file: JsonObject, field: Field, usual: string): string {
  return (file[field] ?? usual) === '' ? '' : string(file, field, usual)
}

function strings(file: JsonObject, field: Field, usual: readonly string[]): readonly string[] {
  const value = file[field] ?? usual
  const isText = (item: unknown): item is string => typeof item === 'string' && item !== ''
  if (Array.isArray(value) && value.every(isText)) return value
  throw wrong(field, 'is not a list of texts')
}

function flag(file: JsonObject, field: Field): boolean {
  const value = file[field] ?? false
  if (typeof value === 'boolean') return value
  throw wrong(field, 'is neither true nor false')
}

function authentication(file: JsonObject): PageSettings['clientAuthentication'] {
  const value = string(file, 'clientAuthentication', 'client_secret_basic')
  if (value === 'client_secret_basic' || value === 'client_secret_post') return value
  throw wrong('clientAuthentication', 'is neither client_secret_basic nor client_secret_post')
}

function scopes(file: JsonObject): readonly string[] {
  const value = strings(file, 'scopes', ['openid', 'profile', 'email'])
  if (!value.includes('openid'))
    throw wrong('scopes', 'lacks "openid"; without it there is no id_token')
  // RFC 6749 §3.3.
  if (value.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) return value
  throw wrong('scopes', 'has a scope with a space or another character that none may have')
}

function session(text: string): number {
  const ms = (parseDuration(text) ?? 0) * 1000
  if (ms >= 60_000 && ms <= longestSessionMs) return ms
  throw wrong('session', `is "${text}"; write a duration of 1m to 8h, such as 1h`)
}

function originOf(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'https:' && text.replace(/\/$|:443\/?$/, '') === url.origin)
    return url.origin
  throw wrong('url', `is "${text}"; write https://host or https://host:port, without a path`)
}

function issuerOf(text: string): string {
  const url = URL.parse(text)
  const plain = url?.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (plain && (url.protocol === 'https:' || isLoopback(url))) return text
  throw wrong('issuer', `is "${text}"; write the provider's issuer, an https URL without a query`)
}

/** Plain HTTP is for tests on this machine. */
export function isLoopback(url: URL): boolean {
  return url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
}
