/** A Snowflake session of the gateway's own, to read the catalogue in. */

import type { ConnectionSpec } from '../control/bundle.ts'
import { verifySession } from '../upstream/guarantees.ts'
import type { LoginSigner } from '../upstream/login-signer.ts'
import { UpstreamSession } from '../upstream/session.ts'
import type { Transport } from '../upstream/transport.ts'
import { version } from '../version.ts'

/** `purpose` is told in QUERY_TAG. Errors: UpstreamLoginFailed, UpstreamUnavailable. */
export async function openCatalogSession(
  transport: Transport,
  signer: LoginSigner,
  connection: ConnectionSpec,
  as: {
    readonly role: string
    readonly warehouse: string
    readonly purpose: 'catalog' | 'explain' | 'proof'
  },
): Promise<UpstreamSession> {
  const { role, warehouse, purpose } = as
  const session = await UpstreamSession.open(transport, signer, {
    connection: connection.name,
    account: connection.account,
    user: connection.user,
    role,
    warehouse,
    database: null,
    schema: null,
    parameters: {},
    queryTag: JSON.stringify({ frostgate: { [purpose]: connection.name } }),
    client: { name: 'Frostgate', version, resultFormat: 'json' },
  })
  await verifySession(session, connection.name)
  return session
}
