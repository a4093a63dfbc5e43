import type { KeyObject } from 'node:crypto'

import type { WarehouseOptions } from '../../examples/warehouse/warehouse.ts'
import type { ConnectionSpec } from '../../sidecar/control/bundle.ts'

/** The gateway's own user, and no other. */
export function gatewayUser(
  { user, role, warehouse }: ConnectionSpec,
  publicKey: KeyObject,
): WarehouseOptions['users'] {
  return [
    {
      name: user,
      publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      defaultRole: role,
      roles: [role],
      defaultWarehouse: warehouse,
      warehouses: [warehouse],
    },
  ]
}
