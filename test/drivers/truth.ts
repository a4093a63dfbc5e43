/** The example data as it is: the same seed gives the same rows in every warehouse. */

import { createHash } from 'node:crypto'

import { startWarehouse } from '../../examples/warehouse/warehouse.ts'
import type { Truth } from './answer.ts'

export async function readTruth(): Promise<Truth> {
  const warehouse = await startWarehouse({ account: 'truth', users: [] })
  try {
    const patients = await warehouse.execute('SELECT id, ssn FROM health.phi.patients')
    const orders = await warehouse.execute(
      'SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id',
    )
    const digest = createHash('sha256')
    for (const [id, amount] of orders)
      digest.update(`${id ?? ''}|${(amount ?? '').replace(/\.?0+$/, '')}\n`)
    return {
      ssns: new Map(patients.map(([id, ssn]) => [id ?? '', ssn ?? null])),
      orders: { count: orders.length, digest: digest.digest('hex') },
    }
  } finally {
    await warehouse.close()
  }
}
