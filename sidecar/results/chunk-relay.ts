/**
 * Relays chunks byte for byte: Snowflake masked them when it wrote them, so nothing is rewritten.
 * The bytes are counted, digested and, with Full recording, kept as they pass. Where masks or
 * canaries are to be looked for, a copy is read, and nothing leaves before it was (`chunk-check.ts`).
 */

import { createHash, randomUUID } from 'node:crypto'
import { Agent as HttpAgent, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Readable } from 'node:stream'

import httpProxy from 'http-proxy-3'

import { FrostgateError } from '../errors.ts'
import type { BlobWriter, RecordedError, Recorder } from '../recording/events.ts'
import { recordedError, recordFirst } from '../recording/record.ts'
import { ChunkCheck } from './chunk-check.ts'
import type { ChunkPlace, StoredChunk } from './chunk-store.ts'

/** The Python connector gives up on a chunk that has not begun after 7 s. */
const firstByteTimeoutMs = 6_500

/** Without a piece taken a client is gone, whatever its connection says. */
const clientPatienceMs = 5 * 60_000

/** Snowflake's chunks are about 16 MB compressed; a store that sends on and on is stopped. */
const chunkLimit = 512 * 1024 * 1024

export interface ChunkRelay {
  relay(chunk: StoredChunk, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Whatever is being sent of this session's results ends here, in the middle of a piece. */
  cut(session: string): void
  close(): void
}

export interface RelayOptions {
  /** Milliseconds that the store may take to begin, and between its pieces. */
  readonly patienceMs?: number | undefined
  /** Milliseconds that a client may take over one piece; 5 minutes if left out. */
  readonly clientPatienceMs?: number | undefined
  /** Certificates that alone may sign the host of an address, PEM; null is the public roots. */
  readonly trustOf?: (url: URL) => string | null
  /** A chunk was not what it had to be, and was cut off. */
  readonly onMiss: (chunk: StoredChunk, incident: string, error: FrostgateError) => void
}

export function chunkRelay(recorder: Recorder, options: RelayOptions): ChunkRelay {
  const { patienceMs = firstByteTimeoutMs, onMiss } = options
  const { trustOf = () => null } = options
  const plain = new HttpAgent({ keepAlive: true, maxSockets: 64 })
  const secure = new Map<string | null, HttpsAgent>()
  const agentFor = (url: URL): HttpAgent | HttpsAgent => {
    if (url.protocol === 'http:') return plain
    const trust = trustOf(url)
    const agent = secure.get(trust) ?? secureAgent(trust)
    secure.set(trust, agent)
    return agent
  }
  const proxy = httpProxy.createProxyServer({
    ignorePath: true,
    changeOrigin: true,
    selfHandleResponse: true,
    proxyTimeout: patienceMs,
  })
  /** By session, what is being answered. */
  const sending = new Map<string, Set<ServerResponse>>()
  const begin = ({ session }: StoredChunk, response: ServerResponse): (() => void) => {
    const own = sending.get(session) ?? new Set()
    sending.set(session, own.add(response))
    return () => {
      own.delete(response)
      if (own.size === 0 && sending.get(session) === own) sending.delete(session)
    }
  }
  const waiting = new WeakMap<object, (answer: IncomingMessage) => void>()
  const unanswered = new WeakMap<object, () => void>()
  // With an answer that is none, as to an Upgrade, Node just closes the connection.
  proxy.on('proxyReq', (asked, _request, response) => {
    // Of this asking: one that was answered closes while another is under way.
    const tell = unanswered.get(response)
    asked.once('close', () => tell?.())
  })
  proxy.on('proxyRes', (answer, _request, response) => waiting.get(response)?.(answer))

  const ask = (
    { url, headers }: ChunkPlace,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<IncomingMessage | null> => {
    // What goes to the store is made here: none of the client's headers, all of Snowflake's. So a
    // client that asks for a range gets all of it: what is not whole cannot be checked.
    request.headers = { 'accept-encoding': 'identity, gzip', ...ofTheChunk(headers) }
    return new Promise((resolve, reject) => {
      if (response.destroyed) {
        resolve(null)
        return
      }
      waiting.set(response, resolve)
      unanswered.set(response, () => {
        reject(unavailable('its result store closed the connection without an answer'))
      })
      // Not every error of a client that has gone is reported by the proxy.
      response.once('close', () => {
        resolve(null)
      })
      // An empty body in place of the client's, should its GET carry one.
      const options = { target: url.href, agent: agentFor(url), buffer: Readable.from([]) }
      proxy.web(request, response, options, (error) => {
        reject(unavailable(error.message, error))
      })
    })
  }

  const relayed: ChunkRelay['relay'] = async (chunk, request, response) => {
    await recordFirst(recorder, {
      type: 'chunk.requested',
      session: chunk.session,
      statement: chunk.statement,
      chunk: chunk.index,
    })
    let answer = await ask(chunk, request, response)
    if (answer?.statusCode === expired) {
      const place = await chunk.renewed()
      if (place !== null) {
        answer.destroy()
        answer = await ask(place, request, response)
      }
    }
    if (answer === null) {
      await settle(chunk, null, nothing, recorder)
      return
    }
    if (answer.statusCode !== 200) {
      answer.destroy()
      throw storeRefusal(answer.statusCode ?? 0)
    }
    if (!encodings.has(answer.headers['content-encoding'])) {
      answer.destroy()
      throw unavailable('its result store sent an encoding that was not asked for')
    }
    const patience = options.clientPatienceMs ?? clientPatienceMs
    await pass(chunk, { answer, response, patienceMs, patience, onMiss }, recorder)
  }

  return {
    // From the call on: its session may end while this is recorded, or the store is asked.
    relay: async (chunk, request, response) => {
      const done = begin(chunk, response)
      try {
        await relayed(chunk, request, response)
      } finally {
        done()
      }
    },
    cut: (session) => {
      for (const response of sending.get(session) ?? []) response.destroy()
    },
    close: () => {
      proxy.close()
      for (const agent of [plain, ...secure.values()]) agent.destroy()
    },
  }
}

/** Headers of a connection mean nothing of a chunk; with these Node's client waits for more than an answer. */
const ofConnections = new Set(['connection', 'content-length', 'expect', 'host', 'keep-alive', 'transfer-encoding', 'upgrade']) // prettier-ignore

function ofTheChunk(headers: ChunkPlace['headers']): ChunkPlace['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !ofConnections.has(name.toLowerCase())),
  )
}

function secureAgent(trust: string | null): HttpsAgent {
  return new HttpsAgent({
    keepAlive: true,
    maxSockets: 64,
    ...(trust === null ? {} : { ca: trust }),
  })
}

/** Of a chunk: others, passed on without a name, would be rows to no driver. */
const encodings: ReadonlySet<string | undefined> = new Set([undefined, 'identity', 'gzip'])

const nothing = { bytes: 0, sha256: createHash('sha256').digest('hex'), complete: false }

/** What stores answer once an address has expired. */
const expired = 403

/** Stores answer 403 or 404 once an address has expired; trying again does not help then. */
function storeRefusal(status: number): FrostgateError {
  return status === 403 || status === 404
    ? FrostgateError.of('ChunkUnknown', {})
    : unavailable(`its result store answered HTTP ${status}`)
}

interface Passage {
  readonly answer: IncomingMessage
  readonly response: ServerResponse
  readonly patienceMs: number
  /** With the client. */
  readonly patience: number
  readonly onMiss: RelayOptions['onMiss']
}

async function pass(
  chunk: StoredChunk,
  { answer, response, patienceMs, patience, onMiss }: Passage,
  recorder: Recorder,
): Promise<void> {
  const blob = await recorder.blob(chunk.recording).catch((error: unknown) => {
    answer.destroy()
    throw error
  })
  const digest = createHash('sha256')
  const incident = randomUUID()
  const check = chunk.expected && new ChunkCheck(chunk.expected, chunk.rowCount, () => incident)
  let bytes = 0
  let taken = 0
  let complete = false
  let miss: FrostgateError | undefined
  const begin = (): void => {
    if (!response.headersSent) writeHead(answer, response)
  }
  // What is not checked yet; and the last piece, so that the end is recorded before the client sees
  // it even where a length is told.
  const held: Buffer[] = []
  // The proxy's own timeout would also count while the client reads slowly, and nothing is asked.
  answer.setTimeout(0)
  const stalled = () => setTimeout(() => answer.destroy(), patienceMs)
  let watch = stalled()
  try {
    // Of one that may be refused for its first bytes the client is told why.
    if (chunk.expected?.layout === undefined) begin()
    for await (const piece of answer as AsyncIterable<Buffer>) {
      clearTimeout(watch)
      bytes += piece.length
      if (bytes > chunkLimit) throw unavailable('a result chunk is larger than the gateway relays')
      digest.update(piece)
      await check?.take(piece)
      await blob?.write(piece)
      held.push(piece)
      taken += 1
      const good = Math.min(check?.settled ?? taken, taken - 1)
      const checked = held.splice(0, good - (taken - held.length))
      if (checked.length > 0) begin()
      await send(checked, response, patience)
      watch = stalled()
    }
    complete = answer.complete
    if (complete) await check?.end()
  } catch (error) {
    // Once the head is out, all that can be said to the client is that the chunk is not whole.
    complete = false
    if (error instanceof FrostgateError && error.entry !== 'UpstreamUnavailable') miss = error
  } finally {
    clearTimeout(watch)
    check?.close()
  }
  if (miss !== undefined) {
    answer.destroy()
    onMiss(chunk, incident, miss)
  }
  const error = miss === undefined ? {} : { error: recordedError(miss) }
  await settle(chunk, blob, { bytes, sha256: digest.digest('hex'), complete, ...error }, recorder)
  if (complete) {
    begin()
    const last = held.pop()
    await send(held, response, patience).catch(() => undefined)
    await end(response, last, patience)
  } else if (miss !== undefined && !response.headersSent) throw miss
  else response.destroy()
}

/** Rejects when the client has gone. */
async function send(
  pieces: readonly Buffer[],
  response: ServerResponse,
  patience: number,
): Promise<void> {
  for (const piece of pieces) if (!response.write(piece)) await drained(response, patience)
}

/** Resolves when the client has all of it, or has gone. */
async function end(
  response: ServerResponse,
  last: Buffer | undefined,
  patience: number,
): Promise<void> {
  const gone = setTimeout(() => response.destroy(), patience)
  await new Promise<void>((resolve) => {
    response.once('close', resolve).once('finish', resolve)
    if (response.destroyed) resolve()
    else response.end(last)
  })
  clearTimeout(gone)
}

interface Outcome {
  readonly bytes: number
  readonly sha256: string
  readonly complete: boolean
  readonly error?: RecordedError
}

async function settle(
  chunk: StoredChunk,
  blob: BlobWriter | null,
  outcome: Outcome,
  recorder: Recorder,
): Promise<void> {
  const stored = blob !== null && outcome.complete
  if (stored)
    await blob.commit(outcome.sha256).catch(async (error: unknown) => {
      // A disk that is full must not keep what was not stored.
      await blob.discard().catch(() => undefined)
      throw error
    })
  else await blob?.discard()
  await recorder.record({
    type: 'chunk.relayed',
    session: chunk.session,
    statement: chunk.statement,
    chunk: chunk.index,
    ...outcome,
    // A digest of few possible values can be guessed.
    sha256: chunk.recording === 'None' ? '' : outcome.sha256,
    stored,
  })
}

/** Never application/json, under which Node's driver parses the bare rows, fails and retries silently. */
function writeHead(answer: IncomingMessage, response: ServerResponse): void {
  const encoding = answer.headers['content-encoding']
  const length = answer.headers['content-length']
  response.writeHead(200, {
    'Content-Type': 'binary/octet-stream',
    'Cache-Control': 'no-store',
    ...(encoding === 'gzip' ? { 'Content-Encoding': encoding } : {}),
    ...(length !== undefined && /^\d+$/.test(length) ? { 'Content-Length': length } : {}),
  })
  response.flushHeaders()
}

/** Resolves when the client takes more; rejects when it has gone, or takes nothing for too long. */
function drained(response: ServerResponse, patience: number): Promise<void> {
  if (response.destroyed) return Promise.reject(new Error('the client went away'))
  return new Promise((resolve, reject) => {
    const gone = setTimeout(() => response.destroy(), patience)
    const settleOnce = (): void => {
      clearTimeout(gone)
      response.off('drain', settleOnce)
      response.off('close', settleOnce)
      if (response.destroyed) reject(new Error('the client went away'))
      else resolve()
    }
    response.on('drain', settleOnce)
    response.on('close', settleOnce)
  })
}

function unavailable(reason: string, cause?: unknown): FrostgateError {
  return FrostgateError.of('UpstreamUnavailable', { reason }, { cause })
}
