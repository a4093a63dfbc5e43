/** A catalogue, policies and masks of the size that `npm run bench:policy` measures with. */

import { cachedCatalog, type CachedCatalog } from '../../sidecar/catalog/cache.ts'
import { candidates, displayObject } from '../../sidecar/catalog/names.ts'
import type { CatalogSource } from '../../sidecar/catalog/source.ts'
import type { CatalogRelation, QualifiedName } from '../../sidecar/catalog/types.ts'
import type { Bundle, CompiledMask, CompiledRule } from '../../sidecar/control/bundle.ts'
import { factsOf, parseStatement } from '../../sidecar/sql/index.ts'
import { partsOf } from '../../sidecar/sql/names.ts'
import { allow, bundle, deny, hold, policy } from '../sidecar/policy/support.ts'

export const context = {
  database: 'BENCH',
  schema: 'PUBLIC',
  role: 'AGENT_READER',
  warehouse: 'AGENT_WH',
}

const types = ['NUMBER', 'TEXT', 'DATE', 'BOOLEAN', 'TIMESTAMP_NTZ'] as const
const columnsPerTable = 50
/** In every table; statements of the workloads do not use it, except by `*`. */
const protectedColumn = 'CONTACT_EMAIL'
/** As `protectedColumn`, in one table of twenty, and in one at least that each statement reads. */
const seldomProtected = 'CONTACT_PHONE'

/** Always new objects, as an answer of Snowflake's gives them. */
function table(name: QualifiedName, first: readonly string[], count: number): CatalogRelation {
  const index = Number(/^TABLE_(\d+)$/.exec(name.name)?.[1] ?? -1)
  const seldom = name.schema === 'FILLER' && index % 20 === 0 ? [seldomProtected] : []
  const names = new Set([...first, protectedColumn, ...seldom])
  for (let index = 0; names.size < count; index += 1) names.add(`COLUMN_${index}`)
  return {
    name: { ...name },
    kind: 'table',
    columns: [...names].map((column, index) => {
      const type = column.startsWith('CONTACT_') ? 'TEXT' : (types[index % types.length] ?? 'TEXT')
      return {
        name: column,
        type: {
          name: type,
          length: type === 'TEXT' ? 16_777_216 : null,
          precision: type === 'NUMBER' ? 38 : null,
          scale: type === 'NUMBER' ? 0 : null,
        },
        nullable: true,
      }
    }),
    body: null,
    lastDdl: '2026-01-01T00:00:00Z',
    tags: [],
    temporary: false,
  }
}

/** The tables that the statements read, each with every column name that they use. */
function tablesOf(statements: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const columns = new Map<string, Set<string>>()
  const read = new Map<string, number>()
  const byStatement = statements.map((sql) => {
    const facts = factsOf(parseStatement(sql).statement)
    const used = facts.columns.flatMap(({ name }) => name.slice(-1))
    const tables = facts.reads.map(({ name }) =>
      displayObject(candidates(partsOf(name), context)[0]),
    )
    for (const table of tables) {
      columns.set(table, new Set([...(columns.get(table) ?? []), ...used]))
      read.set(table, (read.get(table) ?? 0) + 1)
    }
    return tables
  })
  for (const tables of byStatement) {
    // The one that fewest read, so that most statements read no other.
    const [seldom] = tables.toSorted((a, b) => (read.get(a) ?? 0) - (read.get(b) ?? 0))
    if (tables.some((name) => columns.get(name)?.has(seldomProtected))) continue
    if (seldom !== undefined) columns.get(seldom)?.add(seldomProtected)
  }
  return new Map(
    [...columns].map(([name, used]) => [name, [...used].toSorted(protectedFirst).slice(0, 200)]),
  )
}

function protectedFirst(a: string, b: string): number {
  return Number(b === seldomProtected) - Number(a === seldomProtected)
}

/** A cache that holds the statements' tables and others, `columns` columns altogether. */
export async function warmCatalogue(
  statements: readonly string[],
  columns: number,
): Promise<CachedCatalog> {
  const used = tablesOf(statements)
  const source: CatalogSource = {
    role: context.role,
    relation: (name) => {
      const own = used.get(displayObject(name))
      const filler = name.database === 'BENCH' && name.schema === 'FILLER'
      return Promise.resolve(
        own === undefined && !filler ? null : table(name, own ?? [], own ? 20 : columnsPerTable),
      )
    },
    lastDdl: (names) => Promise.resolve(names.map(() => null)),
  }
  const catalogue = cachedCatalog(source, { maxAgeMs: Infinity, now: () => 0 })
  const tables = Math.ceil(columns / columnsPerTable)
  for (let index = 0; index < tables; index += 1) {
    await catalogue.relation({ database: 'BENCH', schema: 'FILLER', name: `TABLE_${index}` })
  }
  return catalogue
}

function mask(column: string): CompiledMask {
  return {
    name: 'contacts',
    namespace: 'frostgate',
    columns: [{ database: null, schema: null, name: null, column }],
    tags: [],
    subjects: [],
    exceptFor: [],
    method: { kind: 'redact' },
    usage: 'Strict',
  }
}

/** Masks by how much of the warehouse they protect; lists that are kept, as those of a bundle. */
export const masks = {
  everyTable: [mask(protectedColumn)],
  fewTables: [mask(seldomProtected)],
  none: [],
} as const satisfies Record<string, readonly CompiledMask[]>

/** One rule that covers, among others that speak of other objects. */
export function bundleOf(rules: number, { columns } = { columns: false }): Bundle {
  const others = Array.from({ length: rules - 1 }, (_none, index): CompiledRule => {
    const name = `other-${index}`
    const object = `BENCH.SCHEMA_${index}.TABLE_${index}`
    if (index % 4 === 1) return deny({ name, objects: [object] })
    const named = columns ? { columns: [`${object}.SECRET`] } : { objects: [object] }
    if (index % 4 === 2) return hold({ name, ...named })
    if (index % 4 === 3) return deny({ name, statements: ['Query'], ...named })
    return allow({ name, statements: ['Query'], objects: [`BENCH.SCHEMA_${index}.*`] })
  })
  const covering = allow({ name: 'read', statements: ['Query'], objects: ['*.*.*'] })
  return { ...bundle(policy([...others, covering])), masks: masks.everyTable }
}
