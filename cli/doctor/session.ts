/** One login, one question, and out. */

import { errorCatalogue, FrostgateError } from '../../sidecar/errors.ts'
import type { LoginSigner } from '../../sidecar/upstream/login-signer.ts'
import { UpstreamSession } from '../../sidecar/upstream/session.ts'
import { httpTransport } from '../../sidecar/upstream/transport.ts'
import { version } from '../../sidecar/version.ts'
import type { Account } from './account.ts'

export interface WhoAmI {
  readonly connection: string
  readonly user: string
  readonly role: string
  readonly warehouse: string
}

export type Answer =
  | { readonly role: string | null; readonly warehouse: string | null }
  /** One sentence, safe to show. */
  | { readonly refused: string }

const timeoutMs = 20_000

/** What Snowflake says the session's role and warehouse are. */
export async function whoAmI(
  { url, trust, account }: Account,
  signer: LoginSigner,
  { connection, user, role, warehouse }: WhoAmI,
): Promise<Answer> {
  const transport = httpTransport({ url, trust, timeoutMs })
  try {
    const session = await UpstreamSession.open(transport, signer, {
      connection,
      account,
      user,
      role,
      warehouse,
      database: null,
      schema: null,
      parameters: {},
      queryTag: JSON.stringify({ frostgate: { doctor: connection } }),
      client: { name: 'Frostgate', version, resultFormat: 'json' },
    })
    try {
      const answer = await session.query({
        sql: 'SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE()',
        bindings: undefined,
        describeOnly: false,
        parameters: {},
      })
      if (!answer.ok) return { refused: `${answer.message} (code ${answer.code})` }
      const [current, used] = answer.rows[0] ?? []
      return { role: current ?? null, warehouse: used ?? null }
    } finally {
      await session.close().catch(() => undefined)
    }
  } catch (error) {
    return { refused: sentence(error) }
  } finally {
    await transport.close()
  }
}

/** What went wrong, without what the gateway says to agents about it. */
function sentence(error: unknown): string {
  if (!(error instanceof FrostgateError)) return error instanceof Error ? error.message : String(error) // prettier-ignore
  return error.message
    .replace(/ \[Frostgate \w+\]$/, '')
    .replace(errorCatalogue[error.entry].advice, '')
    .replace(/^Frostgate could not log in to Snowflake for connection "[^"]*": /, '')
    .trim()
    .replace(/\.$/, '')
}
