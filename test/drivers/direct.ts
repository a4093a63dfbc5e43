/** The warehouse itself, without a gateway: what drivers make of it is what the gateway must match. */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

import { startWarehouse } from '../../examples/warehouse/warehouse.ts'
import { compileDirectory } from '../../operator/compile/directory.ts'
import { importedTable } from './imported.ts'

export interface Direct {
  readonly url: string
  /** Of a user with the role of the gateway, for authenticator oauth. */
  readonly token: string
  close(): Promise<void>
}

export async function startDirect(): Promise<Direct> {
  const compiled = await compileDirectory(join(import.meta.dirname, '../../examples/quickstart'))
  if ('problems' in compiled) throw new Error('the quickstart does not compile')
  const { account, user, role, warehouse } = compiled.bundle.connection
  const token = randomBytes(24).toString('hex')
  const direct = await startWarehouse({
    account,
    users: [
      {
        name: user, tokens: [token],
        defaultRole: role, roles: [role],
        defaultWarehouse: warehouse, warehouses: [warehouse],
      },
    ],
  }) // prettier-ignore
  await direct.execute(importedTable)
  return { url: direct.url, token, close: () => direct.close() }
}
