/** What the broker asks a cluster, in memory: pods, tokens, Leases, connections, one CA. */

import { randomBytes, randomUUID } from 'node:crypto'

import pino from 'pino'
import { Registry } from 'prom-client'

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { InjectionRefusal } from '../../operator/admission/injection.ts'
import { createBroker, type Broker } from '../../operator/broker/broker.ts'
import type {
  BrokerAlert,
  BrokerDependencies,
  Pod,
  ServedConnection,
  TokenRequest,
  TokenReviewStatus,
} from '../../operator/broker/dependencies.ts'
import { leasePins, type PinLease } from '../../operator/broker/pins.ts'
import { CertificateAuthority } from '../../operator/certs/certificate-authority.ts'
import type { RotationTimes } from '../../operator/certs/rotation.ts'
import type { ConfigObjects, Secret } from '../../operator/store/objects.ts'
import type { Bundle, CredentialSpec } from '../../sidecar/control/bundle.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import { enrolAudience } from '../../sidecar/control/protocol.ts'
import { makeSidecarKey, TestSidecar, type SidecarKey } from './broker-client.ts'
import { SecretInMemory } from './secret-in-memory.ts'

export const origin = 'https://frostgate-broker.frostgate.svc:8443'
export const clusterUid = '5f1c9f3e-0000-4000-8000-000000000001'

/** The parts of a pod that the broker looks at, as JSON brings them. */
export interface TestPod {
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly uid: string
    readonly annotations: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly spec: {
    readonly serviceAccountName: string
    readonly initContainers: readonly {
      readonly name: string
      readonly image: string
      readonly restartPolicy: string
    }[]
    readonly containers: readonly { readonly name: string }[]
  }
  readonly status: { readonly phase: string }
}

interface Issued {
  readonly audiences: readonly string[]
  readonly username: string
  readonly extra: Readonly<Record<string, readonly string[]>>
}

export class BrokerCluster {
  readonly pods = new Map<string, TestPod>()
  readonly tokens = new Map<string, Issued>()
  readonly leases = new Map<string, PinLease>()
  readonly connections = new Map<string, ServedConnection>()
  readonly secrets: Secret[] = []
  readonly alerts: BrokerAlert[] = []
  readonly logged: string[] = []
  readonly minted: TokenRequest[] = []
  readonly secret = new SecretInMemory()
  /** Refusals of `verifyPod` for a pod: what differs from the injection. */
  refusals: (pod: Pod) => readonly InjectionRefusal[] = () => []
  allowed: (namespace: string) => boolean = () => true
  /** Added to the brokers' clock, milliseconds. */
  skew = 0
  away = false
  readonly #brokers: Broker[] = []
  readonly #sidecars: TestSidecar[] = []
  #authority: CertificateAuthority | undefined

  readonly now = (): number => Date.now() + this.skew

  /** The same for all replicas unless they are given another. */
  async authority(times?: RotationTimes): Promise<CertificateAuthority> {
    if (this.#authority !== undefined) return this.#authority
    this.#authority = new CertificateAuthority({
      secret: this.secret,
      names: [new URL(origin).hostname],
      now: this.now,
      ...(times && { times }),
      report: () => undefined,
      intervalMs: 3_600_000,
    })
    await this.#authority.start()
    return this.#authority
  }

  /** One replica, listening. */
  async replica(
    changes: Partial<BrokerDependencies> = {},
  ): Promise<{ readonly broker: Broker; readonly port: number; readonly metrics: Registry }> {
    const authority = await this.authority()
    const metrics = new Registry()
    const broker = createBroker({
      origin,
      namespace: 'frostgate',
      serviceAccount: { namespace: 'frostgate', name: 'frostgate-operator' },
      clusterUid,
      tls: () => authority.leaf(),
      trust: () => authority.trust(),
      signingKeys: () => authority.signingKeys(),
      reviewToken: (token, audience) => this.#reviewToken(token, audience),
      readPod: async (namespace, name) => {
        await this.#arrive()
        return this.pods.get(`${namespace}/${name}`) as Pod | undefined
      },
      pins: leasePins(this.pinAccess(), this.now),
      connections: () => this.connections,
      isAllowed: (_connection, namespace) => this.allowed(namespace),
      verifyPod: (pod) => this.refusals(pod),
      objects: () => this.objects(),
      mintToken: async (request) => {
        await this.#arrive()
        this.minted.push(request)
        return { token: 'wif-secret-token', expiresAt: Math.floor(this.now() / 1000) + 600 }
      },
      alert: (alert) => this.alerts.push(alert),
      log: pino({ level: 'trace' }, { write: (line: string) => void this.logged.push(line) }),
      metrics,
      now: this.now,
      ...changes,
    })
    this.#brokers.push(broker)
    return { broker, port: await broker.listen(0, '127.0.0.1'), metrics }
  }

  pinAccess() {
    return {
      get: async (name: string) => {
        await this.#arrive()
        return this.leases.get(name)
      },
      create: async (lease: PinLease) => {
        await this.#arrive()
        if (this.leases.has(lease.metadata.name)) return 'conflict' as const
        this.leases.set(lease.metadata.name, lease)
        return 'created' as const
      },
    }
  }

  async sidecar(port: number, key?: SidecarKey): Promise<TestSidecar> {
    const trust = (await this.authority()).trust()
    const sidecar = new TestSidecar({ origin, port, trust }, key ?? (await makeSidecarKey()))
    this.#sidecars.push(sidecar)
    return sidecar
  }

  /** A pod as Frostgate injects it. */
  addPod(
    name = `runner-${randomBytes(4).toString('hex')}`,
    change: Partial<TestPod> = {},
  ): TestPod {
    const pod: TestPod = {
      metadata: {
        namespace: 'ci',
        name,
        uid: randomUUID(),
        annotations: {
          'frostgate.dev/connection': 'acme',
          'frostgate.dev/injected': '0.1.0.digest.seal',
        },
      },
      spec: {
        serviceAccountName: 'runner',
        initContainers: [{ name: 'frostgate-proxy', image: 'frostgate', restartPolicy: 'Always' }],
        containers: [{ name: 'agent' }],
      },
      status: { phase: 'Pending' },
      ...change,
    }
    this.pods.set(`ci/${name}`, pod)
    return pod
  }

  /** A projected token of a pod; `change` is what a test makes wrong. */
  tokenOf({ metadata }: TestPod, change: Partial<Issued> = {}): string {
    const token = `projected-secret-${randomUUID()}`
    this.tokens.set(token, {
      audiences: [enrolAudience(clusterUid)],
      username: 'system:serviceaccount:ci:runner',
      extra: {
        'authentication.kubernetes.io/pod-name': [metadata.name],
        'authentication.kubernetes.io/pod-uid': [metadata.uid],
      },
      ...change,
    })
    return token
  }

  /** Connection `frostgate/<name>`, served with a bundle of its own. */
  serve(name = 'acme', credential: CredentialSpec = keyPairCredential, role = 'AGENT'): Bundle {
    const bundle = sealBundle({
      apiVersion: 'frostgate.dev/v1alpha1',
      connection: {
        name,
        namespace: 'frostgate',
        account: 'ACME',
        url: 'https://acme.snowflakecomputing.com',
        user: 'AGENTS',
        role,
        warehouse: 'WH',
        credential,
        trust: null,
        identityProviders: [],
        maxSessionAge: 3_600,
        maxStale: 600,
        catalogMaxAge: 60,
        canaries: [],
      },
      policies: [],
      masks: [],
    })
    this.connections.set(`frostgate/${name}`, {
      connection: connectionOf(name, credential),
      state: { bundle },
    })
    return bundle
  }

  shut(reason: string, name = 'acme'): void {
    this.connections.set(`frostgate/${name}`, {
      connection: connectionOf(name, keyPairCredential),
      state: { closed: reason },
    })
  }

  addSecret(name: string, stringData: Readonly<Record<string, string>>): void {
    this.secrets.push({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'frostgate', name },
      stringData,
    })
  }

  objects(): ConfigObjects {
    const locate = () => ({ file: undefined, line: undefined, column: undefined })
    return {
      connections: [...this.connections.values()].map(({ connection }) => ({
        object: connection,
        locate,
      })),
      policies: [],
      maskingRules: [],
      secrets: this.secrets.map((object) => ({ object, locate })),
    }
  }

  async close(): Promise<void> {
    for (const sidecar of this.#sidecars) sidecar.close()
    await Promise.all(this.#brokers.map((broker) => broker.close()))
    await this.#authority?.stop()
  }

  async #reviewToken(token: string, audience: string): Promise<TokenReviewStatus> {
    await this.#arrive()
    const issued = this.tokens.get(token)
    if (issued === undefined) return { authenticated: false, error: `token ${token} is unknown` }
    const audiences = issued.audiences.filter((each) => each === audience)
    if (audiences.length === 0) return { authenticated: false }
    return {
      authenticated: true,
      audiences,
      user: { username: issued.username, extra: issued.extra },
    }
  }

  async #arrive(): Promise<void> {
    await new Promise(setImmediate)
    if (this.away) throw new Error('the API server is away')
  }
}

export const keyPairCredential: CredentialSpec = { kind: 'keyPair', secretName: 'acme-key' }

/** The parts that the broker looks at. */
function connectionOf(name: string, credential: CredentialSpec): SnowflakeConnection {
  const connection = {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'SnowflakeConnection',
    metadata: { namespace: 'frostgate', name },
    spec: { credential: credentialOf(credential) },
  }
  return connection as unknown as SnowflakeConnection
}

function credentialOf(credential: CredentialSpec): Readonly<Record<string, unknown>> {
  if (credential.kind === 'workloadIdentity') {
    const { serviceAccount: serviceAccountName, audience } = credential
    return { workloadIdentity: { serviceAccountName, audience } }
  }
  return { [credential.kind]: { secretRef: { name: credential.secretName } } }
}
