import type { ArrowOptions } from './arrow/stream.ts'
import { Catalogue } from './engine/catalogue.ts'
import { Duck } from './engine/duck.ts'
import { InformationSchema } from './engine/information-schema.ts'
import { ChunkStore } from './http/chunks.ts'
import { playScript } from './http/fault-script.ts'
import { Misbehaviour } from './http/misbehave.ts'
import { Queries } from './http/queries.ts'
import { routeTable } from './http/routes.ts'
import { closeServer, controlServer, listen } from './http/server.ts'
import { storageServer } from './http/storage.ts'
import { KeyPairs } from './login/key-pair.ts'
import type { LoginDesk } from './login/login.ts'
import { defaultParameters } from './login/parameters.ts'
import { Sessions } from './login/sessions.ts'
import { UserTokens } from './login/tokens.ts'
import type { Warehouse, WarehouseOptions, WarehouseStats, WarehouseUser } from './options.ts'
import { seedSchemas, seedViews, seedWarehouse, type SeedSizes } from './seed/seed.ts'

export type { FaultRule, FaultScript } from './http/fault-script.ts'
export type { Fault, FaultHook, FaultPoint } from './http/faults.ts'
export type { FaultEvent } from './http/misbehave.ts'
export type {
  Execution,
  Warehouse,
  WarehouseOptions,
  WarehouseStats,
  WarehouseUser,
} from './options.ts'

const DEFAULT_CHUNK_ROWS = 5000
const DEFAULT_BATCH_ROWS = 4096
/** As the real server does. */
const DEFAULT_IN_PROGRESS_MS = 45_000
const DEFAULT_VALIDITY_SECONDS = 3600
const administrator: WarehouseUser = {
  name: 'ADMIN',
  defaultRole: 'ACCOUNTADMIN',
  roles: ['ACCOUNTADMIN'],
}

function sizesOf(seed: WarehouseOptions['seed']): SeedSizes | undefined {
  if (seed === false) return undefined
  const asked = typeof seed === 'object' ? seed : {}
  return { patients: asked.patients ?? 10_000, orders: asked.orders ?? 100_000 }
}

async function openStore(options: WarehouseOptions): Promise<{ duck: Duck; catalogue: Catalogue }> {
  const duck = await Duck.open(options.threads)
  const catalogue = new Catalogue()
  for (const [database, schemas] of Object.entries(seedSchemas)) {
    await duck.attach(database)
    catalogue.addDatabase(database)
    for (const schema of schemas) {
      await duck.createSchema(database, schema)
      catalogue.addSchema(database, schema)
    }
  }
  await seedWarehouse(duck, catalogue, sizesOf(options.seed), options.seedNumber ?? 1)
  return { duck, catalogue }
}

/**
 * Starts a Snowflake-compatible server, on 127.0.0.1 unless told otherwise: the wire protocol of the drivers, DuckDB as
 * the store, synthetic example data. For trying and testing; nothing is kept after `close()`.
 */
export async function startWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const { duck, catalogue } = await openStore(options)
  const stats: WarehouseStats = {
    logins: 0,
    renewals: 0,
    statements: 0,
    chunksServed: 0,
    requests: 0,
  }
  const validitySeconds = options.sessionValiditySeconds ?? DEFAULT_VALIDITY_SECONDS
  const sessions = new Sessions(validitySeconds, (what, { id, user }) => {
    if (user !== administrator) options.onSession?.(what, id)
  })
  const chunks = new ChunkStore(options.chunkRows ?? DEFAULT_CHUNK_ROWS, options.chunkKeys)
  const arrow: ArrowOptions = {
    widths: options.arrowWidths ?? 'perResult',
    batchRows: options.arrowBatchRows ?? DEFAULT_BATCH_ROWS,
  }
  const informationSchema = new InformationSchema(duck, catalogue)
  const queries = new Queries(
    { account: options.account, duck, catalogue, informationSchema, chunks, arrow },
    options.inProgressAfterMs ?? DEFAULT_IN_PROGRESS_MS,
  )
  const desk: LoginDesk = {
    account: options.account,
    keyPairs: new KeyPairs(options.account, options.users),
    tokens: new UserTokens(options.users),
    sessions,
    duck,
    validitySeconds,
    hasDatabase: (name) => catalogue.databases.has(name),
    hasSchema: (database, name) => catalogue.schema(database, name) !== undefined,
  }
  const { faults } = options
  const misbehaviour = new Misbehaviour(typeof faults === 'object' ? playScript(faults) : faults)
  const control = controlServer(routeTable(desk, queries, stats), misbehaviour, options, () => {
    stats.requests += 1
  })
  const storage = storageServer(chunks, misbehaviour, options, () => {
    stats.chunksServed += 1
  })
  const address = options.address ?? '127.0.0.1'
  if (address !== '127.0.0.1' && options.tls === undefined)
    throw new Error('Beyond loopback the warehouse speaks TLS only: give it a certificate.')
  const port = await listen(control, options.port ?? 0, address)
  const storagePort = await listen(storage, options.storagePort ?? 0, address)
  const base = `${options.tls ? 'https' : 'http'}://${options.publicName ?? address}`
  const storageUrl = `${base}:${storagePort}`
  chunks.setBase(storageUrl)
  const admin = sessions.open({
    user: administrator,
    client: '',
    connection: await duck.connect(),
    role: administrator.defaultRole,
    database: null,
    schema: null,
    warehouse: null,
    parameters: new Map(Object.entries(defaultParameters)),
  })
  await queries.execute(admin, seedViews)
  return {
    url: `${base}:${port}`,
    port,
    storageUrl,
    stats,
    execute: async (sql) => (await queries.execute(admin, [sql])).rows,
    statements: () => queries.log,
    executions: (part = '') => queries.executions.filter(({ sqlText }) => sqlText.includes(part)),
    faults: () => misbehaviour.events,
    queryContextsMissing: () => queries.contextsMissing,
    expireSessionTokens: () => {
      sessions.expireTokens()
    },
    expireMasterTokens: () => {
      sessions.expireMasterTokens()
    },
    expireUserTokens: (token) => {
      desk.tokens.expire(token)
    },
    endSessions: () => {
      for (const session of sessions.all()) if (session !== admin) sessions.end(session)
    },
    close: async () => {
      misbehaviour.close()
      await Promise.all([closeServer(control), closeServer(storage)])
      await queries.close()
      await sessions.closeAll()
      duck.close()
    },
  }
}
