/** The catalogue of a running Snowflake, or of the embedded example, for a question or a file. */

import { isEmbeddedExample } from '../../operator/compile/embedded-example.ts'
import { readKeyPair } from '../../operator/store/key-pair.ts'
import type { CatalogSource } from '../../sidecar/catalog/source.ts'
import { openCatalogSession } from '../../sidecar/catalog/open-session.ts'
import { catalogProvider, type CatalogProvider } from '../../sidecar/catalog/provider.ts'
import { FrostgateError } from '../../sidecar/errors.ts'
import type { RequestedSession } from '../../sidecar/policy/session-grant.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import type { UpstreamSession } from '../../sidecar/upstream/session.ts'
import { httpTransport } from '../../sidecar/upstream/transport.ts'
import { writeCatalog } from '../catalog-file/write.ts'
import { problemsError, type Configuration } from '../configuration.ts'
import { CliError } from '../output.ts'
import { startEmbedded } from '../up/embedded.ts'
import { listRelations } from './listing.ts'

/** Calls `use` with the catalogue as any role and warehouse of the gateway's see it. Errors: CliError. */
export async function withLiveCatalog<T>(
  configuration: Configuration,
  use: (catalog: (role: string, warehouse: string) => CatalogSource) => Promise<T>,
): Promise<T> {
  return await withServer(configuration, async (open) => {
    const provider = providerOver(open, configuration)
    try {
      return await use((role, warehouse) => provider.forRole(role, warehouse))
    } finally {
      await provider.close()
    }
  })
}

/** All that the role sees, as the text of a catalogue file. Errors: CliError. */
export async function dumpCatalog(
  configuration: Configuration,
  requested: RequestedSession,
): Promise<string> {
  const { connection } = configuration.bundle
  const role = requested.role ?? connection.role
  const warehouse = requested.warehouse ?? connection.warehouse
  return await withServer(configuration, async (open) => {
    const provider = providerOver(open, configuration)
    const session = await open(role, warehouse)
    try {
      const catalog = provider.forRole(role, warehouse)
      const names = await listRelations(session)
      const relations = []
      for (const name of names) {
        const relation = await catalog.relation(name)
        if (relation !== null) relations.push(relation)
      }
      return writeCatalog(relations)
    } finally {
      await session.close()
      await provider.close()
    }
  })
}

function providerOver(open: Open, { bundle }: Configuration): CatalogProvider {
  return catalogProvider({
    open,
    readTags: bundle.masks.some(({ tags }) => tags.length > 0),
    maxAgeMs: 60_000,
    now: () => performance.now(),
  })
}

type Open = (role: string, warehouse: string) => Promise<UpstreamSession>

async function withServer<T>(
  configuration: Configuration,
  use: (open: Open) => Promise<T>,
): Promise<T> {
  const embedded = isEmbeddedExample(configuration.connection)
    ? await startEmbedded(configuration.bundle, 0)
    : undefined
  const { connection } = embedded?.bundle ?? configuration.bundle
  const transport = httpTransport({ url: connection.url })
  try {
    const privateKey = embedded?.privateKey ?? keyOf(configuration)
    const signer = keyPairSigner({ ...connection, privateKey })
    return await use((role, warehouse) =>
      openCatalogSession(transport, signer, connection, { role, warehouse, purpose: 'explain' }),
    )
  } catch (error) {
    if (error instanceof FrostgateError) throw new CliError(error.message)
    throw error
  } finally {
    await transport.close()
    await embedded?.close()
  }
}

function keyOf(configuration: Configuration) {
  const read = readKeyPair(configuration.objects, configuration.connection)
  if ('problem' in read) throw problemsError('the key of the connection', [read.problem])
  return read.privateKey
}
