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

/** Always new objects, as an answer of Snowflake's gives them. */
function table(name: QualifiedName, first: readonly string[], count: number): CatalogRelation {
  const names = new Set([...first, protectedColumn])
  for (let index = 0; names.size < count; index += 1) names.add(`COLUMN_${index}`)
  return {
    name: { ...name },
    kind: 'table',
    columns: [...names].map((column, index) => {
      const type = column === protectedColumn ? 'TEXT' : (types[index % types.length] ?? 'TEXT')
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
  for (const sql of statements) {
    const facts = factsOf(parseStatement(sql).statement)
    const used = facts.columns.flatMap(({ name }) => name.slice(-1))
    for (const { name } of facts.reads) {
      const [object] = candidates(partsOf(name), context)
      const known = columns.get(displayObject(object)) ?? new Set()
      columns.set(displayObject(object), new Set([...known, ...used]))
    }
  }
  return new Map([...columns].map(([name, used]) => [name, [...used].slice(0, 200)]))
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

const mask: CompiledMask = {
  name: 'contacts',
  namespace: 'frostgate',
  columns: [{ database: null, schema: null, name: null, column: protectedColumn }],
  tags: [],
  subjects: [],
  exceptFor: [],
  method: { kind: 'redact' },
  usage: 'Strict',
}

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
  return { ...bundle(policy([...others, covering])), masks: [mask] }
}
