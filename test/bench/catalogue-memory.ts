/** What 100,000 columns cost in memory: `node --expose-gc test/bench/catalogue-memory.ts` prints JSON. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { cachedCatalog } from '../../sidecar/catalog/cache.ts'
import { informationSchemaSource } from '../../sidecar/catalog/information-schema.ts'
import type { CatalogQuery, Row } from '../../sidecar/catalog/query.ts'

const tables = 2_000
const columnsEach = 50

const entities = ['CUSTOMER', 'ORDER', 'PAYMENT', 'SHIPMENT', 'VISIT', 'CLAIM', 'INVOICE', 'EVENT']
const attributes = ['ID', 'NAME', 'STATUS', 'AMOUNT', 'CREATED_AT', 'UPDATED_AT', 'NOTES', 'IS_ACTIVE', 'PAYLOAD', 'BIRTH_DATE'] // prettier-ignore
const types: readonly Row[] = [
  ['NUMBER', null, '38', '0', 'NO', null],
  ['TEXT', '255', null, null, 'YES', null],
  ['TEXT', '20', null, null, 'NO', null],
  ['NUMBER', null, '12', '2', 'YES', null],
  ['TIMESTAMP_NTZ', null, null, null, 'NO', '9'],
  ['TIMESTAMP_NTZ', null, null, null, 'YES', '9'],
  ['TEXT', '16777216', null, null, 'YES', null],
  ['BOOLEAN', null, null, null, 'YES', null],
  ['VARIANT', null, null, null, 'YES', null],
  ['DATE', null, null, null, 'YES', null],
]

/** Half of the columns are named as in many tables, half as in this one only. */
function columnRows(table: string): readonly Row[] {
  return Array.from({ length: columnsEach }, (_, index): Row => {
    const kind = index % attributes.length
    const entity = entities[index % entities.length] ?? ''
    const of = index < columnsEach / 2 ? entity : `${table}_${String(index)}`
    return [`${of}_${attributes[kind] ?? ''}`, ...(types[kind] ?? [])]
  })
}

const answer: CatalogQuery = (sql, binds) => {
  const [, table = ''] = binds
  // Fresh strings, as they come out of an answer's JSON.
  const rows = sql.includes('.TABLES')
    ? [['BASE TABLE', 'NO', '1700000000123456789']]
    : columnRows(table)
  return Promise.resolve(JSON.parse(JSON.stringify(rows)) as readonly Row[])
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let round = 0; round < 4; round += 1) gc()
}

collect()
const before = process.memoryUsage().heapUsed
const source = informationSchemaSource(answer, { role: 'READER', readTags: false })
const catalog = cachedCatalog(source, { maxAgeMs: Infinity, now: () => 0 })
const nameOf = (index: number) => ({
  database: 'ANALYTICS',
  schema: `SCHEMA_${String(index % 20)}`,
  name: `${entities[index % entities.length] ?? ''}_FACTS_${String(index)}`,
})
for (let index = 0; index < tables; index += 1) await catalog.relation(nameOf(index))
collect()
const heapMegabytes = (process.memoryUsage().heapUsed - before) / 1_000_000
const last = await catalog.relation(nameOf(tables - 1))
console.log(
  JSON.stringify({
    columns: tables * (last?.columns.length ?? 0),
    heapMegabytes: Number(heapMegabytes.toFixed(1)),
    goalMegabytes: 40,
  }),
)
