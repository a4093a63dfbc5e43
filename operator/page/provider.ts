/** The OIDC provider, through openid-client: nothing of the protocol is done here. */

import { readFile } from 'node:fs/promises'

import * as oidc from 'openid-client'
import { Agent, fetch as undiciFetch } from 'undici'

import { accountNamesOf } from '../../sidecar/identity/aliases.ts'
import type { JsonObject } from '../../sidecar/json.ts'
import { isLoopback, type PageSettings } from './settings.ts'

/** What one attempt to log in must remember until the person comes back. */
export interface Attempt {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** Metadata of providers changes; each so often it is read anew. Milliseconds. */
const keepMs = 15 * 60_000
const timeoutSeconds = 10
const longestToken = 64 * 1024

export class Provider {
  readonly #settings: PageSettings
  readonly #now: () => number
  #known:
    | { readonly config: oidc.Configuration; readonly secret: string; readonly at: number }
    | undefined

  constructor(settings: PageSettings, now: () => number) {
    this.#settings = settings
    this.#now = now
  }

  get redirectUri(): string {
    return `${this.#settings.url}/login/callback`
  }

  /** Rejects if the provider cannot be reached. */
  async begin(): Promise<{ readonly url: URL; readonly attempt: Attempt }> {
    const config = await this.#configuration()
    const attempt = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    }
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: this.redirectUri,
      response_type: 'code',
      scope: this.#settings.scopes.join(' '),
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    })
    return { url, attempt }
  }

  /**
   * Claims of whoever came back with `query`: of the id_token, and of the user-info endpoint where
   * the id_token does not tell all that the settings ask for. Rejects if anything is not as it was
   * asked for, or as it was signed.
   */
  async redeem(query: string, attempt: Attempt): Promise<{ claims: JsonObject; until: number }> {
    const config = await this.#configuration()
    const tokens = await oidc.authorizationCodeGrant(
      config,
      new URL(`${this.redirectUri}?${query}`),
      {
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.verifier,
        idTokenExpected: true,
      },
    )
    const claims = tokens.claims()
    if (claims === undefined || (tokens.id_token?.length ?? 0) > longestToken)
      throw new Error('the answer has no id_token, or one that is too long')
    const { usernameClaim, groupsClaim } = this.#settings
    const lacks =
      [usernameClaim, groupsClaim].some((claim) => claims[claim] === undefined) ||
      // Nobody may count twice under a name that only that tells.
      accountNamesOf({ claims, subject: claims.sub }).length === 0
    const more =
      lacks && config.serverMetadata().userinfo_endpoint !== undefined
        ? await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
        : {}
    // What is signed wins.
    return { claims: { ...more, ...claims }, until: claims.exp * 1000 }
  }

  /** Where to end the login at the provider, too; undefined if it does not offer that. */
  async endSession(back: string): Promise<string | undefined> {
    const config = await this.#configuration()
    if (config.serverMetadata().end_session_endpoint === undefined) return undefined
    return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: back }).href
  }

  async #configuration(): Promise<oidc.Configuration> {
    const { clientSecretFile } = this.#settings
    // Read each time: a Secret that is mounted changes while this runs.
    const secret =
      clientSecretFile === undefined ? '' : (await readFile(clientSecretFile, 'utf8')).trim()
    if (clientSecretFile !== undefined && secret === '')
      throw new Error(`${clientSecretFile} is empty; it should hold the client secret`)
    const known = this.#known
    const isFresh = known !== undefined && this.#now() - known.at < keepMs
    if (isFresh && known.secret === secret) return known.config
    const config = await this.#discover(secret)
    this.#known = { config, secret, at: this.#now() }
    return config
  }

  async #discover(secret: string): Promise<oidc.Configuration> {
    const { issuer, clientId, issuerCaFile } = this.#settings
    const url = new URL(issuer)
    const ca = issuerCaFile === undefined ? undefined : await readFile(issuerCaFile, 'utf8')
    return oidc.discovery(url, clientId, undefined, this.#authentication(secret), {
      timeout: timeoutSeconds,
      execute: [
        // Signatures of id_tokens, too, although they came over TLS.
        oidc.enableNonRepudiationChecks,
        ...(isLoopback(url) ? [insecure] : []),
      ],
      ...(ca === undefined ? {} : { [oidc.customFetch]: fetchTrusting(ca) }),
    })
  }

  #authentication(secret: string): oidc.ClientAuth {
    if (secret === '') return oidc.None()
    return this.#settings.clientAuthentication === 'client_secret_post'
      ? oidc.ClientSecretPost(secret)
      : oidc.ClientSecretBasic(secret)
  }
}

/** Deprecated to be noticed; only for providers on this machine, which settings.ts sees to. */
// eslint-disable-next-line @typescript-eslint/no-deprecated
const insecure = oidc.allowInsecureRequests

function fetchTrusting(ca: string): oidc.CustomFetch {
  const dispatcher = new Agent({ connect: { ca } })
  return async (url, { method, headers, body, signal }) => {
    const answer = await undiciFetch(url, {
      method,
      headers,
      redirect: 'manual',
      dispatcher,
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined || body === null ? {} : { body: body as string | URLSearchParams }),
    })
    const content = answer.status === 204 ? null : await answer.arrayBuffer()
    return new Response(content, { status: answer.status, headers: [...answer.headers] })
  }
}

/** What a log may tell of a login that failed: codes of the protocol, no token and no secret. */
export function faultOf(error: unknown): JsonObject {
  if (!(error instanceof Error)) return { error: 'unknown' }
  const { code, error: word } = error as Error & { code?: unknown; error?: unknown }
  const cause = error.cause instanceof Error ? error.cause.message : undefined
  return {
    error: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof word === 'string' ? { answer: word.slice(0, 100) } : {}),
    ...(cause === undefined ? {} : { cause }),
  }
}
