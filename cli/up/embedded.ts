/** The servers that an embedded example brings along: a warehouse in place of Snowflake, an issuer in place of Okta. */

import { generateKeyPairSync, type KeyObject } from 'node:crypto'

import type { Issuer } from '../../examples/oidc/issuer.ts'
import type { Warehouse } from '../../examples/warehouse/options.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import { CliError } from '../output.ts'

export interface Embedded {
  readonly bundle: Bundle
  /** Points another bundle of the example at both; its users and roles are those of the start. */
  readonly point: (bundle: Bundle) => Bundle
  readonly privateKey: KeyObject
  readonly warehouse: Warehouse
  readonly issuer: Issuer
  close(): Promise<void>
}

/**
 * Starts both for a bundle. `issuerPort` undefined takes the port that the
 * connection's identity provider names, so that the YAML stays true as written; 0 any free one.
 */
export async function startEmbedded(
  bundle: Bundle,
  issuerPort: number | undefined,
): Promise<Embedded> {
  const { startWarehouse, startIssuer } = await servers()
  const provider = bundle.connection.identityProviders.find(
    ({ issuer }) => new URL(issuer).protocol === 'http:',
  )
  if (!provider) {
    throw new CliError(
      `Connection "${bundle.connection.name}" is marked as an embedded example but names no identity provider on loopback, so nobody could log in. Add one such as oidc.issuer: http://127.0.0.1:8089.`,
    )
  }
  const issuer = await startIssuer({ port: issuerPort ?? Number(new URL(provider.issuer).port) })
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { account, user, role, warehouse: computeWarehouse } = bundle.connection
  const warehouse = await startWarehouse({
    account,
    users: [
      {
        name: user,
        publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        defaultRole: role,
        roles: rolesOf(bundle),
        defaultWarehouse: computeWarehouse,
        warehouses: warehousesOf(bundle),
      },
    ],
  }).catch(async (error: unknown) => {
    // Else its open port would keep the process from ending.
    await issuer.close()
    throw error
  })
  const point = (other: Bundle): Bundle =>
    sealBundle({
      ...other,
      connection: {
        ...other.connection,
        url: warehouse.url,
        identityProviders: other.connection.identityProviders.map((each) =>
          each.issuer === provider.issuer ? { ...each, issuer: issuer.url } : each,
        ),
      },
    })
  return {
    bundle: point(bundle),
    point,
    privateKey,
    warehouse,
    issuer,
    close: async () => {
      await Promise.all([warehouse.close(), issuer.close()])
    },
  }
}

/** Loaded only when needed: their packages are not part of what is installed for production. */
async function servers() {
  try {
    const [{ startWarehouse }, { startIssuer }] = await Promise.all([
      import('../../examples/warehouse/warehouse.ts'),
      import('../../examples/oidc/issuer.ts'),
    ])
    return { startWarehouse, startIssuer }
  } catch (error) {
    throw new CliError(
      `The embedded example needs the development packages of Frostgate (DuckDB, the SQL translator). Run it from a checkout after "npm ci". (${error instanceof Error ? error.message : String(error)})`,
    )
  }
}

function rolesOf({ connection, policies }: Bundle): readonly string[] {
  return [...new Set([connection.role, ...policies.flatMap(({ session }) => session.role ?? [])])]
}

function warehousesOf({ connection, policies }: Bundle): readonly string[] {
  return [
    ...new Set([
      connection.warehouse,
      ...policies.flatMap(({ session }) => [session.warehouse ?? [], session.warehouses].flat()),
    ]),
  ]
}
