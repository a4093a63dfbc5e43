/** Answers of Snowflake as they should not be: fields, types, statuses, headers and bytes. */

import { isObject } from '../../../sidecar/json.ts'
import type { Random } from '../../fuzz/random.ts'
import type { Envelope, Reply, ScriptedReply } from '../../support/upstream.ts'
import { nested, odd, ownMembers } from '../values.ts'

/** What a mutation may put in: `marker` where no client may see it, `trap` where nobody may go. */
export interface Poison {
  readonly marker: string
  readonly trap: string
}

type Json = Record<string, unknown>

const hostileFields = [
  'command', 'stageInfo', 'uploadInfo', 'src_locations', 'localLocation', 'encryptionMaterial', 'presignedUrls', 'operation',
  'token', 'masterToken', 'idToken', 'mfaToken', 'remMeToken', 'sessionToken', 'queryContext', 'qrmk', 'errorMessage',
  'ssoUrl', 'proofKey', 'redirect', 'tokenUrl', 'inFlightCtx', 'jobId', 'unheardOf', '__proto__', 'constructor', 'prototype', 'toJSON',
] // prettier-ignore

/** Places that hold data which the client is to have, or which go back to Snowflake alone. */
const dataPlaces = new Set(['rowset', 'rowsetBase64', 'message', 'queryContext', 'chunkHeaders', 'qrmk', 'token', 'masterToken', 'sessionToken', 'url', 'getResultUrl']) // prettier-ignore

interface Place {
  readonly holder: Json
  readonly name: string
}

function placesIn(value: unknown, found: Place[] = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return found
  const holder = value as Json
  for (const name of Object.keys(holder).slice(0, 60)) {
    found.push({ holder, name })
    if (!dataPlaces.has(name)) placesIn(holder[name], found)
  }
  return found
}

const objectsIn = (root: Json): readonly Json[] => [
  root,
  ...placesIn(root).flatMap(({ holder, name }) => {
    const value = holder[name]
    return isObject(value) && !dataPlaces.has(name) ? [value] : []
  }),
] // prettier-ignore

function define(holder: Json, name: string, value: unknown): void {
  Object.defineProperty(holder, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

type Change = (root: Json, choices: Random, poison: Poison) => void

const dataOf = (root: Json): Json =>
  typeof root['data'] === 'object' && root['data'] !== null ? (root['data'] as Json) : root

const changes: readonly Change[] = [
  (root, choices, { marker }) => {
    define(choices.pick(objectsIn(root)), choices.pick([marker, ...hostileFields.filter((name) => !dataPlaces.has(name))]), choices.pick<unknown>([marker, [marker], { url: marker, [marker]: marker }, ownMembers([['__proto__', { polluted: marker }]])]))
  },
  (root, choices) => {
    const { holder, name } = choices.pick([{ holder: root, name: 'data' }, ...placesIn(root)])
    if (!Array.isArray(holder[name]) || choices.chance(0.3)) define(holder, name, odd(choices))
  },
  (root, choices) => {
    const { holder, name } = choices.pick([{ holder: root, name: 'code' }, ...placesIn(root)])
    Reflect.deleteProperty(holder, name)
  },
  (root, choices, { marker, trap }) => {
    define(dataOf(root), choices.pick(hostileFields.slice(0, 8)), choices.pick<unknown>(['UPLOAD', [marker], { location: marker, presignedUrl: trap }, null]))
  },
  (root, choices) => {
    define(root, 'code', choices.pick<unknown>([0, 390112, '390112', '390111', '390114', '333333', '333334', '390000', 'abc', null, '']))
  },
  (root, choices) => {
    define(root, 'success', choices.pick<unknown>(['true', 1, null, false, {}]))
  },
  (root, choices) => {
    define(root, 'data', odd(choices))
  },
  (root, choices, { trap }) => {
    define(root, 'code', '333333')
    define(dataOf(root), 'getResultUrl', choices.pick([`${trap}/queries/x/result`, trap.replace('http:', ''), '/../../x', `/queries/x/result?token=1`, '/queries/%2e%2e/result', 7]))
  },
  (root, choices) => {
    const rows = dataOf(root)['rowset']
    if (Array.isArray(rows)) define(dataOf(root), 'rowset', choices.pick<unknown>([rows.slice(1), [...(rows as unknown[]), ['x']], [[]], [[1]], [null], rows.map(() => ['912-34-5678']), rows.map(() => ['*******912-34-5678'])]))
  },
  (root, choices) => {
    const inline = dataOf(root)['rowsetBase64']
    if (typeof inline !== 'string') return
    const bytes = Buffer.from(inline, 'base64')
    for (let times = choices.below(8); times >= 0; times -= 1) bytes[choices.below(bytes.length || 1)] = choices.below(256)
    const changed = choices.chance(0.3) ? bytes.subarray(0, choices.below(bytes.length + 1)) : bytes
    define(dataOf(root), 'rowsetBase64', choices.chance(0.1) ? '912-34-5678' : changed.toString('base64'))
  },
  (root) => {
    for (const each of [root['data']].flat()) if (typeof each === 'object' && each !== null) define(each as Json, 'total', 1e15)
  },
] // prettier-ignore

/** One to three changes of its fields; and sometimes of how it is said. */
export function mutated(good: Envelope, choices: Random, poison: Poison): Reply {
  const root = structuredClone(good) as unknown as Json
  for (let times = 1 + choices.below(3); times > 0; times -= 1)
    choices.pick(changes)(root, choices, poison)
  const reply = { text: JSON.stringify(root) }
  return choices.chance(0.3) ? choices.pick(replies)(reply, choices, poison) : reply
}

type Said = (reply: ScriptedReply, choices: Random, poison: Poison) => Reply

const replies: readonly Said[] = [
  (reply, choices) => ({ ...reply, status: choices.pick([201, 203, 400, 401, 403, 404, 409, 422, 500]) }),
  (_, choices, { marker, trap }) => ({ status: choices.pick([301, 302, 303, 307, 308]), headers: { location: trap, 'x-a': marker }, text: marker }),
  (_, __, { marker }) => ({ type: 'text/html', text: `<html>${marker}</html>` }),
  (reply, _, { marker }) => ({ ...reply, headers: { 'set-cookie': `${marker}=1; Path=/`, [`x-${marker}`]: marker, authorization: marker, 'x-snowflake-session': marker } }),
  (reply) => ({ ...reply, headers: { 'x-padding': 'x'.repeat(60_000) } }),
  (reply, choices) => ({ ...reply, text: reply.text.slice(0, choices.below(reply.text.length)) }),
  (reply, choices, { marker }) => ({ ...reply, type: choices.pick(['text/plain', `text/${marker}`, 'application/json; charset=utf-16']) }),
  (_, choices) => ({ text: nested(choices.pick([100, 20_000]), choices.chance(0.5)) }),
  (reply) => ({ ...reply, text: `\ufeff${reply.text}` }),
  (reply) => ({ ...reply, text: reply.text.replace(/:(\d+)/, ':1e400') }),
  (reply) => ({ ...reply, text: `${reply.text}${reply.text}` }),
  (_, choices, { marker }) => ({ text: choices.pick(['null', '[]', '0', '""', '', `"${marker}"`]) }),
  (reply) => ({ ...reply, headers: { 'content-encoding': 'gzip' } }),
  (reply) => ({ ...reply, headers: { 'content-length': '5' } }),
  () => 'die',
] // prettier-ignore
