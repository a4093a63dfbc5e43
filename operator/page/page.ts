/** The approvals page: people log in with OIDC, see what waits for them, and decide. */

import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

import { BrokerServer } from '../broker/server.ts'
import type { Leaf } from '../certs/certificate-authority.ts'
import { pageApp } from './app.ts'
import type { PageContext } from './context.ts'
import { EventStreams } from './events.ts'
import { PageKeys } from './keys.ts'
import { pageLimits, type PageLimits } from './limits.ts'
import { Provider } from './provider.ts'
import { Sessions } from './session.ts'

export interface ApprovalsPageOptions extends Pick<
  PageContext,
  'desk' | 'store' | 'settings' | 'log' | 'slack'
> {
  /** The certificate as it is now; `renewLeaf` asks again. */
  readonly tls: () => Leaf
  /** At least 32 bytes, the same at each replica: what logins are sealed with. */
  readonly sessionKey: () => Uint8Array
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly limits?: Partial<PageLimits>
}

export interface ApprovalsPage {
  /** Resolves to the port; 0 takes a free one. */
  listen(port: number, host?: string): Promise<number>
  /** Undefined before `listen`. */
  readonly port: number | undefined
  /** Takes the certificate anew, for new connections. */
  renewLeaf(): void
  close(): Promise<void>
}

/** Milliseconds that calls under way have when the page closes. */
const graceMs = 2_000

/** @throws RangeError if the key is too short. */
export function approvalsPage(options: ApprovalsPageOptions): ApprovalsPage {
  const { desk, store, settings, log, slack, tls, now = Date.now } = options
  const limits = { ...pageLimits, ...options.limits }
  const keys = new PageKeys(options.sessionKey)
  const sessions = new Sessions(keys, now)
  const streams = new EventStreams({ desk, store, settings, limits, sessions })
  const provider = new Provider(settings, now)
  const app = pageApp({
    ...{ desk, store, settings, limits, keys, sessions, provider, streams, log, now, slack },
    addressOf: ({ env }: Context) =>
      (env as HttpBindings).incoming.socket.remoteAddress ?? 'unknown',
  })
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: (error) => {
      log.warn({ err: error }, 'a request to the approvals page broke off')
    },
  })
  const server = new BrokerServer(tls(), limits.server, (request, response) => {
    void listener(request, response)
  })
  let port: number | undefined
  return {
    async listen(wanted, host) {
      port = await server.listen(wanted, host)
      return port
    },
    get port() {
      return port
    },
    renewLeaf: () => {
      server.renew(tls())
    },
    close: async () => {
      streams.close()
      if (port !== undefined) await server.close(graceMs)
    },
  }
}
