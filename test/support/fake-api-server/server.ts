/**
 * A small API server in memory, for what cannot be brought about with a real one on demand. It
 * lists in pages, watches with bookmarks, compares versions, and merges what is applied; it knows
 * no schemas, no defaults and no owners of fields.
 */

import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { AccessSource } from '../../../operator/kube/access.ts'
import type { FaultName } from './faults.ts'
import { faults } from './faults.ts'
import type { HistoryEntry, StoredObject } from './objects.ts'
import { Objects } from './objects.ts'

type Verb = 'list' | 'watch' | 'get' | 'create' | 'update' | 'apply' | 'patch' | 'delete'

interface Request {
  readonly verb: Verb
  readonly plural: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
  readonly query: URLSearchParams
  readonly authorization: string | undefined
}

interface PlannedFault {
  readonly name: FaultName
  readonly verbs: readonly Verb[]
  readonly plural: string | undefined
  times: number
  readonly retryAfter: number
  readonly delayMs: number
}

export class FakeApiServer {
  readonly objects = new Objects()
  /** Everything that was asked, in order. */
  readonly requests: Request[] = []
  readonly #server
  readonly #sockets = new Set<Socket>()
  readonly #watches = new Set<ServerResponse>()
  readonly #planned: PlannedFault[] = []
  /** The only token that is accepted; undefined accepts all. */
  token: string | undefined
  /** Answers of what is no object, such as reviews, by path; undefined is 404. */
  readonly answers = new Map<string, (body: unknown) => unknown>()
  /** Between two bookmarks. */
  bookmarkMs = 50

  constructor(tls?: { readonly key: string; readonly cert: string }) {
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response)
    }
    this.#server = tls === undefined ? createHttpServer(handle) : createHttpsServer(tls, handle)
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get openWatches(): number {
    return this.#watches.size
  }

  /** Requests other than watches that have no whole answer yet. */
  inFlight = 0

  /** Access in plain http, with a token that is read for each renewal. */
  access(readToken: () => string = () => 'token'): AccessSource {
    let token: string | undefined
    const server = `http://127.0.0.1:${this.port}`
    return {
      current: () => {
        token ??= readToken()
        const headers = { authorization: `Bearer ${token}` }
        return Promise.resolve({ server, tls: {}, proxy: undefined, headers })
      },
      renew: () => {
        token = undefined
      },
    }
  }

  /** The next `times` requests of these verbs go wrong. */
  fail(
    name: FaultName,
    on: Verb | readonly Verb[] = 'watch',
    options: Partial<Pick<PlannedFault, 'times' | 'plural' | 'retryAfter' | 'delayMs'>> = {},
  ): void {
    const verbs = typeof on === 'string' ? [on] : on
    const defaults = { times: 1, plural: undefined, retryAfter: 1, delayMs: 50 }
    this.#planned.push({ name, verbs, ...defaults, ...options })
  }

  /** All goes well from now on. */
  heal(): void {
    this.#planned.length = 0
    this.resetWatches()
  }

  resetWatches(): void {
    for (const response of this.#watches) response.destroy()
  }

  /** What was before now is forgotten, as by etcd's compaction. */
  compact(): void {
    this.objects.oldest = this.objects.version
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = parse(message)
    this.requests.push(request)
    if (request.verb !== 'watch') {
      this.inFlight += 1
      response.on('close', () => (this.inFlight -= 1))
    }
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    if (this.token !== undefined && request.authorization !== `Bearer ${this.token}`) {
      send(response, 401, status(401, 'Unauthorized'))
      return
    }
    const { pathname } = new URL(message.url ?? '/', 'http://server')
    const special = this.answers.get(pathname)
    const proceed = (options: { twice?: boolean; deaf?: boolean } = {}) => {
      if (special !== undefined) {
        const answer = special(JSON.parse(body === '' ? '{}' : body))
        if (answer === undefined) send(response, 404, status(404, 'NotFound'))
        else send(response, 200, answer)
      } else if (request.verb === 'watch') this.#watch(request, response, options)
      else if (request.verb === 'list') this.#list(request, response)
      else this.#one(request, response, JSON.parse(body === '' ? '{}' : body) as StoredObject)
    }
    const fault = this.#nextFault(request)
    if (fault === undefined) {
      proceed()
      return
    }
    const { retryAfter, delayMs } = fault
    const { version } = this.objects
    faults[fault.name]({ response, proceed, version, retryAfter, delayMs })
  }

  #nextFault({ verb, plural }: Request): PlannedFault | undefined {
    const fault = this.#planned.find(
      (each) => each.verbs.includes(verb) && (each.plural ?? plural) === plural,
    )
    if (fault !== undefined && (fault.times -= 1) <= 0) {
      this.#planned.splice(this.#planned.indexOf(fault), 1)
    }
    return fault
  }

  #list({ plural, namespace, query }: Request, response: ServerResponse): void {
    const all = this.objects.all(plural, namespace).filter(selectedBy(query))
    const limit = Number(query.get('limit') ?? all.length)
    const from = Number(query.get('continue')?.split('@')[0] ?? 0)
    const version = Number(query.get('continue')?.split('@')[1] ?? this.objects.version)
    if (version < this.objects.oldest) {
      send(response, 410, status(410, 'Expired'))
      return
    }
    const more = from + limit < all.length ? { continue: `${from + limit}@${version}` } : {}
    const metadata = { resourceVersion: String(version), ...more }
    send(response, 200, { kind: 'List', metadata, items: all.slice(from, from + limit) })
  }

  #watch(
    { plural, namespace, query }: Request,
    response: ServerResponse,
    { twice = false, deaf = false }: { readonly twice?: boolean; readonly deaf?: boolean },
  ): void {
    const from = Number(query.get('resourceVersion') ?? 0)
    if (from < this.objects.oldest) {
      send(response, 410, status(410, 'Expired'))
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    this.#watches.add(response)
    const selected = selectedBy(query)
    const tell = (entry: HistoryEntry) => {
      const { metadata } = entry.object
      if (deaf || entry.plural !== plural || !selected(entry.object)) return
      if (namespace !== undefined && metadata.namespace !== namespace) return
      const line = `${JSON.stringify({ type: entry.type, object: entry.object })}\n`
      response.write(twice ? line + line : line)
    }
    for (const entry of this.objects.history) if (entry.version > from) tell(entry)
    const end = this.objects.onChange(tell)
    const bookmark = setInterval(() => {
      const object = { metadata: { resourceVersion: String(this.objects.version) } }
      if (!deaf) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
    }, this.bookmarkMs)
    response.on('close', () => {
      end()
      clearInterval(bookmark)
      this.#watches.delete(response)
    })
  }

  #one(request: Request, response: ServerResponse, body: StoredObject): void {
    const { verb, plural, namespace, name = '' } = request
    const known = this.objects.find(
      plural,
      namespace,
      verb === 'create' ? body.metadata.name : name,
    )
    const asked = (body.metadata as StoredObject['metadata'] | undefined)?.resourceVersion
    const conflict =
      asked !== undefined && known !== undefined && asked !== known.metadata.resourceVersion
    if (verb === 'create') {
      if (known !== undefined) send(response, 409, status(409, 'AlreadyExists'))
      else send(response, 201, this.objects.put(plural, body))
    } else if (known === undefined && verb !== 'apply') {
      send(response, 404, status(404, 'NotFound'))
    } else if (conflict) {
      send(response, 409, status(409, 'Conflict'))
    } else if (verb === 'get') {
      send(response, 200, known)
    } else if (verb === 'delete') {
      const { preconditions } = body as { preconditions?: { uid?: string } }
      if ((preconditions?.uid ?? known?.metadata.uid) !== known?.metadata.uid) {
        send(response, 409, status(409, 'Conflict'))
        return
      }
      this.objects.remove(plural, namespace, name)
      send(response, 200, status(200, 'Success'))
    } else {
      const merged = merge(known ?? {}, body)
      const next = verb === 'update' ? body : verb === 'patch' ? withoutNulls(merged) : merged
      send(response, 200, this.objects.put(plural, next as StoredObject))
    }
  }
}

export async function fakeApiServer(tls?: {
  readonly key: string
  readonly cert: string
}): Promise<FakeApiServer> {
  return new FakeApiServer(tls).listen()
}

function parse(message: IncomingMessage): Request {
  const url = new URL(message.url ?? '/', 'http://server')
  const steps = url.pathname.split('/').slice(1)
  const rest = steps.slice(steps[0] === 'api' ? 2 : 3)
  const namespaced = rest[0] === 'namespaces' && rest.length > 2
  const [plural = '', name, subresource] = namespaced ? rest.slice(2) : rest
  const apply = message.headers['content-type'] === 'application/apply-patch+yaml'
  const watch = url.searchParams.get('watch') === 'true'
  const verbs: Readonly<Record<string, Verb>> = {
    GET: watch ? 'watch' : name === undefined ? 'list' : 'get',
    POST: 'create',
    PUT: 'update',
    PATCH: apply ? 'apply' : 'patch',
    DELETE: 'delete',
  }
  return {
    verb: verbs[message.method ?? ''] ?? 'get',
    plural,
    namespace: namespaced ? rest[1] : undefined,
    name,
    subresource,
    query: url.searchParams,
    authorization: message.headers.authorization,
  }
}

/** By labelSelector, of which `key` and `key=value` are known, and by one field that must be so. */
function selectedBy(query: URLSearchParams): (object: StoredObject) => boolean {
  const [key = '', value] = (query.get('labelSelector') ?? '').split('=')
  const [field = '', wanted] = (query.get('fieldSelector') ?? '').split('=')
  return (object) => {
    const label = object.metadata.labels?.[key]
    if (key !== '' && (value === undefined ? label === undefined : label !== value)) return false
    return field.endsWith('!') || field === '' || fieldOf(object, field) === wanted
  }
}

function fieldOf(object: StoredObject, path: string): unknown {
  const step = (value: unknown, name: string): unknown =>
    isObject(value) ? value[name] : undefined
  return path.split('.').reduce(step, object)
}

function status(code: number, reason: string): object {
  return { kind: 'Status', code, reason, message: `the server says ${reason}` }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function merge(into: unknown, from: unknown): unknown {
  if (!isObject(into) || !isObject(from)) return from
  const names = [...new Set([...Object.keys(into), ...Object.keys(from)])]
  return Object.fromEntries(
    names.map((name) => [name, name in from ? merge(into[name], from[name]) : into[name]]),
  )
}

/** A merge patch takes away what it sets to null; objects that are stored have none. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value
  const left = Object.entries(value).filter(([, each]) => each !== null)
  return Object.fromEntries(left.map(([name, each]) => [name, withoutNulls(each)]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
