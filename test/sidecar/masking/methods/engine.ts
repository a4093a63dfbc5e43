/** Runs a mask's SQL over values, as the example warehouse runs Snowflake's. */

import { DuckDBBlobValue, DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { cellText } from '../../../../examples/warehouse/engine/cells.ts'
import { duckTypeOf, parseType } from '../../../../examples/warehouse/engine/types.ts'
import type { SnowType } from '../../../../examples/warehouse/engine/types.ts'
import { macros } from '../../../../examples/warehouse/sql/macros.ts'
import { rewrite } from '../../../../examples/warehouse/sql/rewrite.ts'
import { tokens } from '../../../../examples/warehouse/sql/tokens.ts'
import {
  parseStatement,
  renameFunctions,
  toDuck,
} from '../../../../examples/warehouse/sql/translate.ts'
import { isNode } from '../../../../examples/warehouse/sql/tree.ts'
import type { ColumnType } from '../../../../sidecar/catalog/types.ts'
import type { MaskKeys, MaskMethod } from '../../../../sidecar/control/bundle.ts'
import { printType } from '../../../../sidecar/masking/column-types.ts'
import { keyringOf, maskOf } from '../../../../sidecar/masking/methods/index.ts'
import { parseQuery } from '../../../../sidecar/sql/index.ts'

export const keys: MaskKeys = new Map([
  ['one', new Uint8Array(32).fill(1)],
  ['two', new Uint8Array(32).fill(2)],
])

export interface Engine {
  /** The cells that the mask gives for the values, each a DuckDB expression or NULL. */
  readonly masked: (
    method: MaskMethod,
    type: ColumnType,
    values: readonly string[],
    setting?: { readonly rule?: string; readonly keys?: MaskKeys },
  ) => Promise<readonly (string | null)[]>
  readonly close: () => void
}

export async function openEngine(): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const macro of macros) await connection.run(`CREATE MACRO ${macro}`)
  return {
    masked: async (method, type, values, setting = {}) => {
      const keyring = keyringOf(setting.keys ?? keys)
      const sql = maskOf(method).sql('"C"', type, { rule: setting.rule ?? 'hide', keyring })
      return run(connection, sql, type, values)
    },
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function run(
  connection: DuckDBConnection,
  sql: string,
  type: ColumnType,
  values: readonly string[],
): Promise<readonly (string | null)[]> {
  const snow = snowType(type)
  const stored = duckTypeOf(snow)
  const query = `SELECT "ID", ${sql} AS "C" FROM "T" ORDER BY "ID"`
  // The gateway reads what it emits.
  parseQuery(query)
  await connection.run(`CREATE OR REPLACE TABLE "T" ("ID" INTEGER, "C" ${stored})`)
  const rows = values.map((value, id) => `(${String(id)}, ${value})`)
  await connection.run(`INSERT INTO "T" VALUES ${rows.join(', ')}`)
  const tree = rewrite(parseStatement(renameFunctions(query, tokens(query))), new Map())
  if (!isNode(tree)) throw new Error('no statement')
  // DuckDB's client decodes text with a TextDecoder that drops a leading U+FEFF; bytes keep it.
  const bytes = snow.kind === 'text' ? 'ENCODE("C")' : 'NULL::BLOB'
  const result = await connection.runAndReadAll(
    `SELECT "ID", "C", ${bytes} FROM (${toDuck(tree)}) ORDER BY "ID"`,
  )
  const given = String(result.columnTypes()[1])
  const wanted = stored.replaceAll(' ', '')
  if (given !== wanted) throw new Error(`the mask has type ${given}, the column ${wanted}`)
  return result.getRows().map(([, value, encoded]) => {
    if (encoded instanceof DuckDBBlobValue) return Buffer.from(encoded.bytes).toString('utf8')
    return cellText(value ?? null, snow)
  })
}

function snowType(type: ColumnType): SnowType {
  const found = parseType(printType(type))
  if (found === undefined) throw new Error(`no type ${printType(type)}`)
  return found
}

/** A DuckDB literal; values must not hold NUL. */
export function textValue(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
