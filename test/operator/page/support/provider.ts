/** A real OIDC provider on loopback, with its own login form, for whom any name is a person. */

import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import Provider, { type Configuration } from 'oidc-provider'

export interface RunningProvider {
  readonly issuer: string
  readonly clientId: string
  readonly secret: string
  /** Of each person; others have no groups. */
  readonly groups: Map<string, readonly string[] | undefined>
  close(): Promise<void>
}

export interface ProviderOptions {
  /** Where the claim is: the id_token, or the user-info endpoint alone. */
  readonly groupsIn?: 'id_token' | 'userinfo'
  /** The same for the mail address. */
  readonly emailIn?: 'id_token' | 'userinfo'
  readonly withoutLogout?: boolean
  /** Where it listens, for who is not on this machine's loopback; then only over TLS. */
  readonly at?: { readonly host: string; readonly certificate: string; readonly key: string }
}

export async function startProvider(
  pageUrl: string,
  { groupsIn = 'id_token', emailIn = 'id_token', withoutLogout = false, at }: ProviderOptions = {},
): Promise<RunningProvider> {
  const groups = new Map<string, readonly string[] | undefined>()
  const secret = 'a-client-secret-that-no-log-may-have'
  const clientId = 'frostgate'
  const server =
    at === undefined ? createServer() : createTlsServer({ cert: at.certificate, key: at.key })
  const host = at?.host ?? '127.0.0.1'
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const issuer = `${at === undefined ? 'http' : 'https'}://${host}:${port}`
  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        client_secret: secret,
        redirect_uris: [`${pageUrl}/login/callback`],
        post_logout_redirect_uris: [`${pageUrl}/signed-out`],
      },
    ],
    cookies: { keys: ['for tests'] },
    claims: { openid: ['sub', 'groups'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: groupsIn === 'userinfo',
    pkce: { required: () => true },
    features: { rpInitiatedLogout: { enabled: !withoutLogout } },
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, AccessToken: 600, IdToken: 600 },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: (use) => ({
        sub: id,
        name: `${id} of Tests`,
        ...(use === emailIn || use === 'userinfo' ? { email: `${id}@example.test` } : {}),
        ...(groups.get(id) === undefined ? {} : { groups: [...(groups.get(id) ?? [])] }),
      }),
    }),
    // Nobody is asked for consent.
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
  }
  const warn = console.warn
  const info = console.info
  console.warn = () => undefined
  console.info = () => undefined
  const provider = new Provider(issuer, configuration)
  console.warn = warn
  console.info = info
  const handle = provider.callback()
  server.on('request', (request, response) => {
    void handle(request, response)
  })
  return {
    issuer,
    clientId,
    secret,
    groups,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
