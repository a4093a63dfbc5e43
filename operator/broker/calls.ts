/** What each route does, once it is known who calls. */

import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Acknowledgement, MaskKeysAnswer } from '../../sidecar/control/protocol.ts'
import { readMaskKeys } from '../store/mask-keys.ts'
import type { Acknowledgements } from './acknowledgements.ts'
import type { AuthorisedCall } from './authorise.ts'
import { parseObject } from './body.ts'
import { bundleAnswer } from './bundle-answer.ts'
import { mintCredential } from './credential.ts'
import { keyOf, type BrokerDependencies } from './dependencies.ts'
import { BrokerError } from './errors.ts'
import type { BrokerMetrics } from './metrics.ts'
import type { RecordingIntake } from './recording-intake.ts'
import type { Reply } from './reply.ts'
import type { RouteName } from './routes.ts'
import { requireServed } from './standing.ts'
import { approvalCalls } from './approval-calls.ts'
import type { Streams } from './streams.ts'

export interface Call extends AuthorisedCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly body: Buffer
}

/** Undefined if the answer is being written already. */
export type CallHandler = (call: Call) => Promise<Reply | undefined> | Reply | undefined

export interface CallParts {
  readonly dependencies: BrokerDependencies
  readonly now: () => number
  readonly streams: Streams
  readonly acknowledgements: Acknowledgements
  readonly recordings: RecordingIntake | undefined
  readonly metrics: BrokerMetrics
  readonly onAcknowledged: () => void
}

export function callHandlers(
  parts: CallParts,
): Readonly<Record<Exclude<RouteName, 'enrol'>, CallHandler>> {
  const { dependencies, now } = parts
  return {
    stream: ({ caller, response }) => {
      if (dependencies.vouches?.() === false) throw BrokerError.of('OperatorBlind', {})
      parts.streams.open(caller, response)
      return undefined
    },
    bundle: async ({ standing, caller, request }) => {
      const { bundle } = requireServed(standing, caller.connection)
      const accept = request.headers['accept-encoding']
      return await bundleAnswer(bundle, {
        ifNoneMatch: request.headers['if-none-match'],
        acceptEncoding: Array.isArray(accept) ? accept.join(',') : accept,
      })
    },
    ack: ({ caller, body }) => {
      const given = readAcknowledgement(body)
      parts.acknowledgements.add(caller, given)
      if (!given.accepted) {
        dependencies.alert({
          reason: 'BundleRefused',
          pod: caller.pod,
          connection: dependencies.connections().get(keyOf(caller.connection))?.connection,
          bundle: given.digest,
          message: given.reason ?? 'it gave no reason',
        })
      }
      parts.onAcknowledged()
      return { status: 204 }
    },
    credential: async ({ standing, caller }) => {
      const served = requireServed(standing, caller.connection)
      const credential = await mintCredential(served, { ...dependencies, now })
      parts.metrics.credentials.inc({ kind: credential.authenticator })
      return { status: 200, body: credential }
    },
    maskKeys: ({ standing, caller }) => {
      const { bundle } = requireServed(standing, caller.connection)
      const read = readMaskKeys(dependencies.objects(), bundle.masks)
      if ('problems' in read) {
        const [first] = read.problems
        const reason = `${first?.object ?? ''} ${first?.field ?? ''} ${first?.message ?? ''}`.trim()
        throw BrokerError.of('MaskKeysUnusable', { connection: keyOf(caller.connection), reason })
      }
      const encoded = [...read.keys].map(
        ([name, key]) => [name, Buffer.from(key).toString('base64')] as const,
      )
      return {
        status: 200,
        body: { keys: Object.fromEntries(encoded) } satisfies MaskKeysAnswer,
      }
    },
    recording: async ({ caller, query, body }) => {
      if (parts.recordings === undefined) throw BrokerError.of('RecordingOff', {})
      const offset = query.get('offset') ?? ''
      if (!/^\d{1,15}$/.test(offset)) {
        throw BrokerError.of('RequestInvalid', { reason: 'offset is not a number of bytes' })
      }
      const length = await parts.recordings.append(caller.pod, Number(offset), body)
      return { status: 200, body: { length } }
    },
    ...approvalCalls(dependencies),
  }
}

const longestReason = 500

function readAcknowledgement(body: Buffer): Acknowledgement {
  const { digest, accepted, reason } = parseObject(body)
  const valid =
    typeof digest === 'string' &&
    /^sha256:[0-9a-f]{64}$/.test(digest) &&
    typeof accepted === 'boolean' &&
    (reason === undefined || typeof reason === 'string')
  if (!valid) throw BrokerError.of('RequestInvalid', { reason: 'it is no acknowledgement' })
  const why = reason === undefined ? {} : { reason: reason.slice(0, longestReason) }
  return { digest, accepted, ...why }
}
