/** A link to a fake broker, with a gateway that notes what is asked of it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { BrokerClient } from '../../../sidecar/control/broker-client.ts'
import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { systemClock, type Clock } from '../../../sidecar/control/clock.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import type { GovernedGateway } from '../../../sidecar/control/governed-gateway.ts'
import { ControlLink, type LinkPace } from '../../../sidecar/control/link.ts'
import { openSidecarKey } from '../../../sidecar/control/sidecar-key.ts'
import { openTrusted } from '../../../sidecar/control/trusted.ts'
import { eventually } from '../gateway.ts'
import type { FakeBroker } from './fake-broker.ts'

/** A bundle of connection frostgate/acme; `user` makes it differ from another. */
export function testBundle(user = 'FROSTGATE', connection: Partial<Bundle['connection']> = {}) {
  return sealBundle({
    apiVersion: 'frostgate.dev/v1alpha1',
    connection: {
      name: 'acme', namespace: 'frostgate', account: 'ACME',
      url: 'https://acme.snowflakecomputing.com', user, role: 'READER', warehouse: 'WH',
      credential: { kind: 'keyPair', secretName: 'acme-key' }, trust: null,
      identityProviders: [
        { name: 'okta', issuer: 'https://acme.okta.example', audiences: ['frostgate'], groupsClaim: 'groups', algorithms: ['RS256'], jwks: null, podBound: false },
      ],
      maxSessionAge: 28_800, maxStale: 600, catalogMaxAge: 60, canaries: [], ...connection,
    },
    policies: [],
    masks: [],
  }) // prettier-ignore
}

export interface Linked {
  readonly link: ControlLink
  readonly folder: string
  readonly tokenFile: string
  /** `apply <user>`, `stop <reason>`, `suspend <reason>`, `revoke <reason>`, in order. */
  readonly asked: string[]
  /** Names of the states gone through. */
  readonly states: string[]
  /** What the log was told, in words. */
  readonly said: string[]
  /** Throws in the gateway's place. */
  onApply: ((bundle: Bundle) => void | Promise<void>) | undefined
  close(): Promise<void>
}

export interface LinkedOptions {
  readonly pace?: Partial<LinkPace>
  readonly clock?: Clock
  /** A folder of an earlier link, whose key and trust it goes on with. */
  readonly folder?: string
  readonly trust?: string
}

const fast = { first: 20, next: 40, most: 80 }

export async function startLinked(
  broker: FakeBroker,
  options: LinkedOptions = {},
): Promise<Linked> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'frostgate-link-')))
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, 'projected-1\n')
  const clock = options.clock ?? systemClock
  const key = await openSidecarKey(join(folder, 'key.json'))
  const trusted = await openTrusted(
    join(folder, 'trust.pem'),
    options.trust ?? broker.authority.pem,
  )
  const client = new BrokerClient({
    url: broker.url,
    key,
    trust: trusted.pem,
    clock,
    patienceMs: 1_000,
  })
  const asked: string[] = []
  const states: string[] = []
  const said: string[] = []
  const gateway: GovernedGateway = {
    apply: async (bundle) => {
      await linked.onApply?.(bundle)
      asked.push(`apply ${bundle.connection.user}`)
    },
    stopSuspended: ({ connection: { suspend } }) => {
      if (suspend !== undefined) asked.push(`stop ${suspend.reason ?? ''}`)
    },
    suspend: async (reason) => note(`suspend ${reason}`),
    revoke: async (reason) => note(`revoke ${reason}`),
    prove: async () => note('prove'),
  }
  const note = (what: string): Promise<void> => {
    asked.push(what)
    return Promise.resolve()
  }
  const link = new ControlLink({
    client, trusted, gateway, clock, tokenFile,
    connection: 'frostgate/acme',
    pace: { silenceMs: 300, steadyMs: 200, ageCheckMs: 20, reconnecting: fast, refused: { first: 100, next: 200, most: 200 }, ...options.pace },
    log: {
      state: (state) => {
        if (states.at(-1) !== state.name) states.push(state.name)
      },
      rejected: (_digest, reason) => said.push(`rejected: ${reason}`),
      refused: (reason) => said.push(`refused: ${reason}`),
      disconnected: (reason) => said.push(`disconnected: ${reason}`),
      trustNotKept: (error) => said.push(`trust not kept: ${String(error)}`),
    },
    onFault: (error) => said.push(`fault: ${String(error)}`),
  }) // prettier-ignore
  const linked: Linked = {
    link, folder, tokenFile, asked, states, said,
    onApply: undefined,
    close: async () => {
      await link.close()
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  } // prettier-ignore
  link.start()
  return linked
}

/** Time that passes ten times as fast, for what takes seconds. */
export const hurried: Clock = {
  ...systemClock,
  monotonic: () => performance.now() * 10,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 10, signal),
}

export const reaches = (each: Linked, name: string): Promise<true> =>
  eventually(() => each.link.state.name === name, 5_000)
