import { qualified, type Catalogue, type Column, type NewRelation } from '../engine/catalogue.ts'
import { createTable, type Duck, run } from '../engine/duck.ts'
import type { Key } from '../engine/keys.ts'
import { fixed, plain, text, type SnowType } from '../engine/types.ts'
import { patients, visits } from './health.ts'
import { customers, events, orders } from './analytics.ts'

export interface SeedSizes {
  readonly patients: number
  readonly orders: number
}

export interface SeedTable {
  readonly path: readonly [database: string, schema: string, name: string]
  readonly columns: readonly Column[]
  readonly keys: readonly Key[]
  /** A SELECT that yields the rows, from the sizes and the seed number. */
  readonly rows: (sizes: SeedSizes, seed: number) => string
}

const ntz: SnowType = { kind: 'timestamp_ntz', scale: 9 }

const column = (name: string, type: SnowType, nullable = true): Column => ({ name, type, nullable })

const primary = (table: string, column: string): Key => ({
  kind: 'PRIMARY KEY',
  name: `${table}_PK`,
  columns: [column],
})

const foreign = (
  table: string,
  column: string,
  [database, schema, name, referenced]: readonly [string, string, string, string],
): Key => ({
  kind: 'FOREIGN KEY',
  name: `${table}_${name}_FK`,
  columns: [column],
  references: { database, schema, name, columns: [referenced] },
})

const tables: readonly SeedTable[] = [
  {
    path: ['HEALTH', 'PHI', 'PATIENTS'],
    columns: [
      column('ID', fixed(38), false),
      column('NAME', text(100)),
      column('SSN', text(11)),
      column('DOB', plain('date')),
      column('CITY', text(100)),
      column('EMAIL', text(200)),
      column('NOTES', text()),
      column('PROFILE', plain('variant')),
    ],
    keys: [primary('PATIENTS', 'ID')],
    rows: (sizes, seed) => patients(sizes.patients, seed),
  },
  {
    path: ['HEALTH', 'PHI', 'VISITS'],
    columns: [
      column('VISIT_ID', fixed(38), false),
      column('PATIENT_ID', fixed(38), false),
      column('VISITED_AT', ntz),
      column('FEE', fixed(10, 2)),
      column('DIAGNOSIS', text(200)),
    ],
    keys: [
      primary('VISITS', 'VISIT_ID'),
      foreign('VISITS', 'PATIENT_ID', ['HEALTH', 'PHI', 'PATIENTS', 'ID']),
    ],
    rows: (sizes, seed) => visits(sizes.patients, seed),
  },
  {
    path: ['ANALYTICS', 'PUBLIC', 'CUSTOMERS'],
    columns: [
      column('CUSTOMER_ID', fixed(38), false),
      column('NAME', text(100)),
      column('REGION', text(20)),
    ],
    keys: [primary('CUSTOMERS', 'CUSTOMER_ID')],
    rows: (_sizes, seed) => customers(seed),
  },
  {
    path: ['ANALYTICS', 'PUBLIC', 'ORDERS'],
    columns: [
      column('ORDER_ID', fixed(38), false),
      column('CUSTOMER_ID', fixed(38), false),
      column('AMOUNT', fixed(12, 2)),
      column('STATUS', text(20)),
      column('CREATED_AT', ntz),
    ],
    keys: [
      primary('ORDERS', 'ORDER_ID'),
      foreign('ORDERS', 'CUSTOMER_ID', ['ANALYTICS', 'PUBLIC', 'CUSTOMERS', 'CUSTOMER_ID']),
    ],
    rows: (sizes, seed) => orders(sizes.orders, seed),
  },
  {
    path: ['STAGING', 'PUBLIC', 'EVENTS'],
    columns: [column('EVENT_ID', fixed(38), false), column('PAYLOAD', plain('variant'))],
    keys: [],
    rows: (_sizes, seed) => events(seed),
  },
]

/** Databases with the schemas they have besides INFORMATION_SCHEMA. */
export const seedSchemas: Readonly<Record<string, readonly string[]>> = {
  HEALTH: ['PHI', 'PUBLIC'],
  ANALYTICS: ['PUBLIC'],
  STAGING: ['PUBLIC'],
}

/** Written as a user would, so that they go the way of any CREATE VIEW. */
export const seedViews: readonly string[] = [
  'CREATE VIEW HEALTH.PHI.PATIENT_DIRECTORY AS SELECT ID, NAME, SSN, CITY FROM HEALTH.PHI.PATIENTS',
]

/** Creates the example databases; with sizes, also their rows. The same on every start. */
export async function seedWarehouse(
  duck: Duck,
  catalogue: Catalogue,
  sizes: SeedSizes | undefined,
  seed: number,
): Promise<void> {
  for (const { path, columns, keys, rows } of tables) {
    const [database, schema, name] = path
    const relation: NewRelation = {
      database,
      schema,
      name,
      kind: 'TABLE',
      columns,
      secure: false,
      transient: false,
      createdAt: new Date(),
      comment: '',
      keys,
    }
    await createTable(duck.admin, catalogue, relation)
    if (sizes !== undefined) {
      await run(duck.admin, `INSERT INTO ${qualified(...path)} ${rows(sizes, seed)}`)
    }
  }
}
