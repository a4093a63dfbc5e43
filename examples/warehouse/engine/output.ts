import { DuckDBDecimalType, DuckDBTypeId, type DuckDBType } from '@duckdb/node-api'
import type { Known } from '../sql/infer.ts'
import { duckTypeOf, fixed, MAX_BINARY, plain, text, type SnowType } from './types.ts'

/** An output column, complete enough for `rowtype`. */
export interface OutputColumn {
  readonly name: string
  readonly type: SnowType
  readonly nullable: boolean
  readonly origin?: readonly [database: string, schema: string, table: string]
}

const stamp = (kind: 'time' | 'timestamp_ntz' | 'timestamp_ltz'): SnowType => ({ kind, scale: 9 })

/** The Snowflake type of a computed value, when nothing better than DuckDB's own type is known. */
const defaults: Partial<Record<DuckDBTypeId, SnowType>> = {
  [DuckDBTypeId.BOOLEAN]: plain('boolean'),
  [DuckDBTypeId.TINYINT]: fixed(3),
  [DuckDBTypeId.SMALLINT]: fixed(5),
  [DuckDBTypeId.INTEGER]: fixed(10),
  [DuckDBTypeId.BIGINT]: fixed(18),
  [DuckDBTypeId.UTINYINT]: fixed(3),
  [DuckDBTypeId.USMALLINT]: fixed(5),
  [DuckDBTypeId.UINTEGER]: fixed(10),
  [DuckDBTypeId.UBIGINT]: fixed(20),
  [DuckDBTypeId.HUGEINT]: fixed(38),
  [DuckDBTypeId.UHUGEINT]: fixed(38),
  [DuckDBTypeId.FLOAT]: plain('real'),
  [DuckDBTypeId.DOUBLE]: plain('real'),
  [DuckDBTypeId.VARCHAR]: text(),
  [DuckDBTypeId.BLOB]: { kind: 'binary', length: MAX_BINARY },
  [DuckDBTypeId.DATE]: plain('date'),
  [DuckDBTypeId.TIME]: stamp('time'),
  [DuckDBTypeId.TIMESTAMP]: stamp('timestamp_ntz'),
  [DuckDBTypeId.TIMESTAMP_TZ]: stamp('timestamp_ltz'),
  [DuckDBTypeId.STRUCT]: plain('object'),
  [DuckDBTypeId.MAP]: plain('object'),
  [DuckDBTypeId.LIST]: plain('array'),
}

function defaultType(type: DuckDBType): SnowType {
  if (type.alias === 'JSON') return plain('variant')
  if (type instanceof DuckDBDecimalType) return fixed(type.width, type.scale)
  if (type.toString().startsWith('STRUCT("utc" TIMESTAMP, "tz" INTEGER')) {
    return { kind: 'timestamp_tz', scale: 9 }
  }
  return defaults[type.typeId] ?? text()
}

const integers = new Set(['fixed'])

/** Whether DuckDB's values of `actual` can be written as cells of `wanted`. */
function fits(wanted: SnowType, actual: DuckDBType): boolean {
  const byDefault = defaultType(actual)
  if (integers.has(wanted.kind) && byDefault.kind === 'fixed') {
    return wanted.kind === 'fixed' && wanted.scale >= byDefault.scale
  }
  if (actual.typeId === DuckDBTypeId.SQLNULL) return true
  // Quotients and averages come as doubles, moved dates as timestamps: cells are made from these.
  if (wanted.kind === 'fixed' && actual.typeId === DuckDBTypeId.DOUBLE) return true
  if (wanted.kind === 'date' && actual.typeId === DuckDBTypeId.TIMESTAMP) return true
  return byDefault.kind === wanted.kind || duckTypeOf(byDefault) === duckTypeOf(wanted)
}

/** Joins what DuckDB reports with what was traced through the statement. */
export function outputColumns(
  names: readonly string[],
  types: readonly DuckDBType[],
  known: readonly Known[] | undefined,
): readonly OutputColumn[] {
  const trusted = known?.length === names.length ? known : undefined
  return names.map((name, index): OutputColumn => {
    const actual = types[index]
    const traced = trusted?.[index]
    const own = actual === undefined ? text() : defaultType(actual)
    const type =
      traced?.type !== undefined && actual !== undefined && fits(traced.type, actual)
        ? traced.type
        : own
    return {
      name,
      type,
      nullable: traced?.nullable ?? true,
      ...(traced?.origin === undefined ? {} : { origin: traced.origin }),
    }
  })
}
