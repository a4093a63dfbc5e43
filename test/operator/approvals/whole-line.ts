/**
 * The whole line of an approval in one process: operators over an API server in memory, their
 * brokers over TLS, sidecars that are enrolled, and a warehouse. Each operator can be cut off both
 * from its sidecars and from the API server: to everybody else it is then as if it had been killed.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import { brokeredApprovals, type BrokeredApprovals } from '../../../sidecar/approvals/brokered.ts'
import { BrokerClient } from '../../../sidecar/control/broker-client.ts'
import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { systemClock, type Clock } from '../../../sidecar/control/clock.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { ControlLink } from '../../../sidecar/control/link.ts'
import { openSidecarKey } from '../../../sidecar/control/sidecar-key.ts'
import { openTrusted } from '../../../sidecar/control/trusted.ts'
import type { ClientSession } from '../../support/client.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import {
  eventually,
  startWorld,
  type TestGateway,
  type TestOptions,
  type World,
} from '../../support/gateway.ts'
import { tcpRelay, type TcpRelay } from '../../support/tcp-relay.ts'
import { connection, policy } from '../compile/objects.ts'
import {
  annotated,
  clusterInMemory,
  namespace,
  put,
  trustIn,
  wholeOperator,
  type WholeOperator,
  type WholeOptions,
} from '../wiring/whole-operator.ts'
import { decisionOf } from './asked.ts'

export const plurals = { requests: 'approvalrequests', decisions: 'approvaldecisions' } as const

/** What is held, as a query of one patient: another number is another statement. */
export const ssn = (id: number): string => `SELECT ssn FROM health.phi.patients WHERE id = ${id}`

/** Not held. */
export const order = (id: number): string =>
  `SELECT order_id FROM analytics.public.orders WHERE order_id = ${id}`

export interface Replica {
  readonly operator: WholeOperator
  /** From now on nobody hears of it, and it hears of nobody. */
  kill(): void
  /** The API server is out of reach until `back`. */
  away(): void
  back(): void
}

export interface LineSidecar {
  readonly gateway: TestGateway
  readonly people: BrokeredApprovals
  readonly folder: string
  readonly connected: () => boolean
  login(): Promise<ClientSession>
  /** Without goodbye; its clients see their connections break. */
  stop(): Promise<void>
}

export interface LineOptions {
  /** Of the rule that holds statements. */
  readonly approval?: object
  readonly timing?: WholeOptions['timing']
}

export interface SidecarOptions {
  readonly gateway?: TestOptions
  readonly clock?: Clock
  readonly now?: () => number
  /** Of an earlier process of the pod, with its key. */
  readonly folder?: string
}

export class Line {
  readonly world: World
  readonly server: FakeApiServer
  readonly #options: LineOptions
  /** Where sidecars reach the operator: as a Service, it leads to one that lives. */
  readonly #front: TcpRelay
  readonly #closing: (() => Promise<unknown>)[] = []

  private constructor(world: World, server: FakeApiServer, front: TcpRelay, options: LineOptions) {
    this.world = world
    this.server = server
    this.#front = front
    this.#options = options
  }

  static async start(options: LineOptions = {}): Promise<Line> {
    const [world, server, front] = await Promise.all([
      startWorld({ seed: { patients: 400, orders: 400 } }),
      clusterInMemory(),
      tcpRelay(),
    ])
    server.objects.stamps = Date.now
    const line = new Line(world, server, front, options)
    const { name } = world.bundle.connection.identityProviders[0] ?? { name: '' }
    const oidc = { issuer: 'https://acme.okta.example', audiences: ['frostgate'] }
    put(
      server,
      connection('acme', {
        allowedNamespaces: { from: 'All' },
        identityProviders: [{ name, oidc }],
      }),
    )
    server.objects.remove('maskingrules', namespace, 'ssn')
    line.rule(options.approval)
    return line
  }

  /** Puts the policy into force that holds what is read of patients. */
  rule(approval: object = {}): void {
    const provider = this.world.bundle.connection.identityProviders[0]?.name ?? ''
    const asking = { approvers: { groups: ['stewards'] }, expiresAfter: '10m', ...approval }
    put(
      this.server,
      policy('agents', 'acme', {
        subjects: [{ provider, groups: ['ai-coding-agents'] }],
        rules: [
          { name: 'all', action: 'Allow', statements: ['Query'], objects: ['*.*.*'] },
          {
            name: 'patients',
            action: 'RequireApproval',
            statements: ['Query'],
            objects: ['HEALTH.PHI.PATIENTS'],
            approval: asking,
          },
        ],
      }),
    )
  }

  /** Sidecars reach the last one that was started. */
  async replica(options: WholeOptions = {}): Promise<Replica> {
    const { server } = this
    const api = await tcpRelay(server.port)
    const headers = { authorization: 'Bearer token' }
    const access = { server: `http://127.0.0.1:${api.port}`, tls: {}, proxy: undefined, headers }
    const operator = await wholeOperator(server, {
      ...options,
      access: { current: () => Promise.resolve(access), renew: () => undefined },
      timing: { ...this.#options.timing, ...options.timing },
      settings: { brokerUrl: this.#url, ...options.settings },
    })
    await eventually(async () => (await operator.health('/readyz')).status === 200)
    const broker = operator.running.ports.broker
    this.serve(operator)
    const away = (): void => {
      api.target = undefined
      api.cut()
    }
    this.#closing.push(() => operator.close().finally(() => api.close()))
    return {
      operator,
      away,
      back: () => {
        api.target = server.port
      },
      kill: () => {
        away()
        if (this.#front.target !== broker) return
        this.#front.target = undefined
        this.#front.cut()
      },
    }
  }

  /** As where another pod is the Service's only one that is ready. */
  serve({ running }: WholeOperator): void {
    if (this.#front.target === running.ports.broker) return
    this.#front.target = running.ports.broker
    this.#front.cut()
  }

  /** Streams break; they can be had again at once. */
  breakStreams(): void {
    this.#front.cut()
  }

  /** Who leads has its Lease run out, as after a kill. */
  expireLease(): void {
    this.server.objects.remove('leases', namespace, 'frostgate-operator')
  }

  async pod(operator: WholeOperator, name = 'runner'): Promise<void> {
    await operator.createPod(annotated(name))
  }

  /** Resolves once it serves. */
  async sidecar(name = 'runner', options: SidecarOptions = {}): Promise<LineSidecar> {
    const { clock = systemClock, now = Date.now } = options
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'frostgate-line-')))
    const tokenFile = join(folder, 'token')
    await writeFile(tokenFile, `pod:${name}\n`)
    const key = await openSidecarKey(join(folder, 'key.json'))
    const trusted = await openTrusted(join(folder, 'trust.pem'), trustIn(this.server) ?? '')
    const client = new BrokerClient({
      ...{ url: this.#url, key, trust: trusted.pem, clock: systemClock },
      patienceMs: 1_500,
    })
    const made: { gateway?: TestGateway } = {}
    const log = { info: () => undefined, warn: () => undefined }
    const people = brokeredApprovals({
      session: { call: (call) => link.session.call(call) },
      ...{ clock, now, log },
    })
    const apply = async (given: Bundle): Promise<void> => {
      const bundle = this.#here(given)
      if (made.gateway) await made.gateway.running.apply(bundle)
      else {
        const { approvals } = people
        made.gateway = await this.world.gateway({ bundle, approvals, now, ...options.gateway })
      }
    }
    const link = new ControlLink({
      ...{ client, trusted, tokenFile, clock: systemClock },
      connection: `${namespace}/acme`,
      gateway: {
        apply,
        stopSuspended: () => undefined,
        suspend: async (reason) => made.gateway?.running.suspend(reason),
        revoke: async (reason) => made.gateway?.running.revoke(reason),
        prove: () => Promise.resolve(),
      },
      pace: { reconnecting: quick, refused: quick },
      log: {
        state: () => undefined,
        rejected: () => undefined,
        refused: () => undefined,
        disconnected: () => undefined,
        trustNotKept: () => undefined,
      },
      onApproval: people.onApproval,
      onConnected: people.onConnected,
      onFault: () => undefined,
    })
    link.start()
    const gateway = await eventually(() => (link.connected ? made.gateway : undefined))
    let stopped: Promise<void> | undefined
    const stop = (): Promise<void> =>
      (stopped ??= (async () => {
        // Its client first: what it would say when it closes is not said by one that is killed.
        await link.close()
        await gateway.close()
      })())
    this.#closing.push(() => rm(folder, { recursive: true, force: true }), stop)
    return {
      ...{ gateway, people, folder, stop },
      connected: () => link.connected,
      login: () => gateway.login(),
    }
  }

  requests(): readonly ApprovalRequest[] {
    return this.server.objects.all(plurals.requests, namespace) as unknown as ApprovalRequest[]
  }

  /** The request for this text, once there is one that has not ended. */
  async request(sql: string): Promise<ApprovalRequest> {
    return await eventually(
      () =>
        this.requests().findLast(
          ({ spec, status }) => spec.statement === sql && status?.endedAt === undefined,
        ),
      30_000,
    )
  }

  phaseOf(name: string): string | undefined {
    return this.requests().find(({ metadata }) => metadata.name === name)?.status?.phase
  }

  /** As kubectl does, with the word that admission stamps. */
  decide(
    request: ApprovalRequest,
    username = 'alice',
    change: Partial<ApprovalDecision['spec']> = {},
    metadata: Partial<ApprovalDecision['metadata']> = {},
  ): void {
    const decision = decisionOf(request, username, change, metadata)
    this.server.objects.put(plurals.decisions, decision as never)
  }

  /** How often this statement came to Snowflake. */
  ran(sql: string): number {
    const where = sql.slice(sql.indexOf('WHERE'))
    return this.world.upstream.seen.filter((seen) => seen.sql.endsWith(where)).length
  }

  async close(): Promise<void> {
    // What was started last depends on the others.
    for (const each of this.#closing.reverse()) await each()
    await this.#front.close()
    await Promise.all([this.server.close(), this.world.close()])
  }

  get #url(): string {
    return `https://127.0.0.1:${this.#front.port}`
  }

  /** The operator's rules, at the Snowflake and the issuer of this machine, which no pod may name. */
  #here({ policies, masks }: Bundle): Bundle {
    return sealBundle({ ...this.world.bundle, policies, masks })
  }
}

const quick = { first: 20, next: 40, most: 80 }
