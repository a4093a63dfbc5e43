/** Three warehouses, a gateway before each, and a driver before each of those. */

import { generateKeyPairSync } from 'node:crypto'

import { pino } from 'pino'

import { startIssuer, type Issuer } from '../../../examples/oidc/issuer.ts'
import { startWarehouse, type Warehouse } from '../../../examples/warehouse/warehouse.ts'
import type { Bundle, CompiledMask } from '../../../sidecar/control/bundle.ts'
import type { RecordedEvent, Recorder } from '../../../sidecar/recording/events.ts'
import { startGateway, type RunningGateway } from '../../../sidecar/start.ts'
import { keyPairSigner } from '../../../sidecar/upstream/key-pair.ts'
import type { MethodName, Stand } from '../lists/types.ts'
import { bundleOf } from './bundle.ts'
import { openSession, type DriverSession, type Login } from './driver.ts'
import { schemaOf, scratch, scratchNames, scratchRows } from './schema.ts'
import { startTap, type Tap } from './tap.ts'
import { gatewayUser } from '../../support/warehouse-users.ts'
import { copies, type Copy } from './values.ts'

/** One of the three. */
export interface Side {
  readonly copy: Copy
  readonly warehouse: Warehouse
  readonly tap: Tap
  /** Events since the last time this was asked. */
  events(): readonly RecordedEvent[]
  /** Through the gateway, as an agent. */
  login(stand: Stand): Promise<DriverSession>
  /** Past the gateway, as the gateway's own user. */
  rawLogin(stand: Stand): Promise<DriverSession>
  /** Puts everything back that a statement may have changed; `madeAnew`: definitions, too. */
  reset(madeAnew?: boolean): Promise<void>
  close(): Promise<void>
}

export interface World {
  readonly method: MethodName
  readonly usage: CompiledMask['usage']
  readonly sides: readonly Side[]
  close(): Promise<void>
}

/** Longer than any run: what the catalogue said must not grow old on one side before another. */
const catalogMaxAge = 24 * 3600

export async function startWorld(
  method: MethodName,
  usage: CompiledMask['usage'] = 'Strict',
): Promise<World> {
  const issuer = await startIssuer({ port: 0 })
  const sides = await Promise.all(copies.map((copy) => startSide(method, usage, copy, issuer)))
  return {
    method,
    usage,
    sides,
    close: async () => {
      await Promise.all(sides.map((side) => side.close()))
      await issuer.close()
    },
  }
}

async function startSide(
  method: MethodName,
  usage: CompiledMask['usage'],
  copy: Copy,
  issuer: Issuer,
): Promise<Side> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const unplaced = await bundleOf(method, usage, { issuer: issuer.url, url: '' })
  const { connection } = unplaced
  const warehouse = await startWarehouse({
    account: connection.account,
    users: gatewayUser(connection, publicKey),
    seed: false,
    // Rows come in the same order each time.
    threads: 1,
    chunkRows: 1_000_000,
  })
  // EVENTS is the example's own.
  await warehouse.execute('DROP TABLE STAGING.PUBLIC.EVENTS')
  for (const sql of schemaOf(method, copy)) await warehouse.execute(sql)
  const pristine = await definitionsIn(warehouse)
  const { recorder, events } = memoryRecorder()
  const bundle = await bundleOf(method, usage, { issuer: issuer.url, url: warehouse.url })
  const { account, user } = connection
  const gateway = await startGateway({
    bundle: patient(bundle),
    recorder,
    signer: keyPairSigner({ account, user, privateKey }),
    log: pino({ level: 'silent' }),
    port: 0,
    catalogMaxAgeMs: catalogMaxAge * 1000,
  })
  const tap = await startTap(gateway.url)
  const open = new Set<DriverSession>()
  const kept = async (opening: Promise<DriverSession>): Promise<DriverSession> => {
    const session = await opening
    const closing: DriverSession = {
      send: (sent) => session.send(sent),
      close: () => {
        open.delete(closing)
        return session.close()
      },
    }
    open.add(closing)
    return closing
  }
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const token = () =>
    issuer.mint({ subject: 'agent-7', groups: ['ai-coding-agents'], expiresIn: 36_000 })
  return {
    copy, warehouse, tap, events,
    login: async (stand) => kept(openSession(at(tap.url, stand), { token: await token() })),
    rawLogin: (stand) => kept(openSession(at(warehouse.url, stand), { username: user, privateKey: pem })),
    reset: (madeAnew = false) => reset({ warehouse, method, copy, pristine }, madeAnew),
    close: () => close(open, tap, gateway, warehouse),
  } // prettier-ignore
}

function patient(bundle: Bundle): Bundle {
  return { ...bundle, connection: { ...bundle.connection, catalogMaxAge } }
}

async function close(
  open: ReadonlySet<DriverSession>,
  tap: Tap,
  gateway: RunningGateway,
  warehouse: Warehouse,
): Promise<void> {
  await Promise.all([...open].map((session) => session.close()))
  await tap.close()
  await gateway.close('the run is over')
  await warehouse.close()
}

const at = (url: string, stand: Stand): Login => {
  const [database = '', schema = ''] = stand.split('.')
  return { url, database, schema }
}

/** Definitions of what statements may change. */
const definitions = `SELECT table_name, column_name, data_type, character_maximum_length
  FROM staging.information_schema.columns WHERE table_schema = 'PUBLIC' ORDER BY 1, ordinal_position`

async function definitionsIn(warehouse: Warehouse): Promise<string> {
  return JSON.stringify(await warehouse.execute(definitions))
}

/**
 * Definitions that are still what they were stay: made anew, they would have changed for gateways,
 * which refuse what was planned before.
 */
async function reset(side: Resettable, madeAnew: boolean): Promise<void> {
  const { warehouse, method, copy, pristine } = side
  const left = await warehouse.execute(
    "SELECT table_name, table_type FROM staging.information_schema.tables WHERE table_schema = 'PUBLIC'",
  )
  for (const [name, type] of left) {
    if (name === null || name === undefined || scratchNames.includes(name)) continue
    const kind = type === 'VIEW' ? 'VIEW' : 'TABLE'
    await warehouse.execute(`DROP ${kind} STAGING.PUBLIC."${name.replaceAll('"', '""')}"`)
  }
  const same = !madeAnew && (await definitionsIn(warehouse)) === pristine
  for (const sql of (same ? scratchRows : scratch)(method, copy)) await warehouse.execute(sql)
}

interface Resettable {
  readonly warehouse: Warehouse
  readonly method: MethodName
  readonly copy: Copy
  /** Definitions as they were at first. */
  readonly pristine: string
}

function memoryRecorder(): {
  readonly recorder: Recorder
  readonly events: () => readonly RecordedEvent[]
} {
  const events: RecordedEvent[] = []
  return {
    recorder: {
      record: (event) => {
        events.push(event)
        return Promise.resolve()
      },
      blob: () => Promise.resolve(null),
    },
    events: () => events.splice(0),
  }
}
