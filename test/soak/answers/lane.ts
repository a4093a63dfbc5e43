/** A gateway with an upstream and a result store that a case poisons; one case at a time. */

import { createServer, type Server } from 'node:http'

import { isObject } from '../../../sidecar/json.ts'
import { type ClientSession } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { noLimits } from '../../support/limits.ts'
import { closeServer, listen } from '../../support/server.ts'
import { json, type Envelope, type Reply, type SeenRequest } from '../../support/upstream.ts'
import type { RawAnswer } from '../answer-shape.ts'

/** What the upstream answers instead; undefined leaves it as it is. */
export type Poisoner = (
  seen: SeenRequest,
  good: () => Promise<Envelope>,
) => Promise<Reply | undefined>

export interface Stored {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export class Lane {
  readonly world: World
  readonly gateway: TestGateway
  /** Where nobody may go. */
  readonly trap: string
  readonly store: string
  stored: Stored = { status: 404, headers: {}, body: Buffer.alloc(0) }
  poisoner: Poisoner | undefined
  trapped = 0
  readonly #servers: readonly Server[]
  readonly #known = new Map<string, Envelope>()
  readonly #sessions = new Map<string, ClientSession>()

  static async start(): Promise<Lane> {
    const world = await startWorld({ seed: { patients: 10, orders: 10 } })
    const policies = world.bundle.policies.map((policy) => ({ ...policy, limits: noLimits }))
    const gateway = await world.gateway({
      bundle: { ...world.bundle, policies },
      mostSessions: { perIdentity: 100_000, all: 100_000 },
      upstreamTimeoutMs: 5_000,
      chunkTimeoutMs: 5_000,
    })
    const servers = [createServer(), createServer()] as const
    const [trap, store] = await Promise.all([listen(servers[0]), listen(servers[1])])
    return new Lane(world, gateway, { servers, trap, store })
  }

  private constructor(
    world: World,
    gateway: TestGateway,
    { servers, trap, store }: { readonly servers: readonly [Server, Server]; readonly trap: string; readonly store: string },
  ) {
    this.world = world
    this.gateway = gateway
    this.trap = trap
    this.store = store
    this.#servers = servers
    servers[0].on('request', (_, response) => {
      this.trapped += 1
      response.end('{}')
    })
    servers[1].on('request', (_, response) => {
      const { status, headers, body } = this.stored
      response.writeHead(status, headers).end(body)
    })
    world.upstream.script = async (seen, forward) => {
      const good = () => this.#remembered(seen, forward)
      return (await this.poisoner?.(seen, good)) ?? json(await good())
    }
  } // prettier-ignore

  /** A statement of the same text is asked of the warehouse once. */
  async #remembered({ path, sql, body, token }: SeenRequest, forward: () => Promise<Envelope>): Promise<Envelope> {
    if (!path.endsWith('/query-request') && !path.endsWith('/login-request'))
      return { data: {}, code: null, message: null, success: true }
    const login = isObject(body['data']) ? body['data']['CLIENT_APP_ID'] : undefined
    const key = JSON.stringify([path, sql, body['bindings'], login ?? token])
    const answer = this.#known.get(key) ?? (await forward())
    if (this.#known.size < 500) this.#known.set(key, answer)
    return structuredClone(answer)
  } // prettier-ignore

  /** Open, of this driver; another one where the last was ended. */
  async session(client: string): Promise<ClientSession> {
    const { poisoner } = this
    this.poisoner = undefined
    const open = this.#sessions.get(client) ?? (await this.gateway.login({ data: { CLIENT_APP_ID: client } }))
    this.#sessions.set(client, open)
    this.poisoner = poisoner
    return open
  } // prettier-ignore

  forgetSessions(): void {
    this.#sessions.clear()
  }

  async ask(path: string, { token, body, headers }: { readonly token?: string; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<RawAnswer> {
    const response = await fetch(path.startsWith('http') ? path : `${this.gateway.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Snowflake Token="${token}"` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const bytes = await response.arrayBuffer().then((buffer) => Buffer.from(buffer), () => Buffer.alloc(0))
    return { status: response.status, headers: Object.fromEntries(response.headers), body: bytes }
  } // prettier-ignore

  async close(): Promise<void> {
    await this.world.close()
    await Promise.all(this.#servers.map((server) => closeServer(server)))
  }
}
