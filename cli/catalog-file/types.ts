/** Column types as Snowflake writes them in DDL, told as INFORMATION_SCHEMA.COLUMNS reports them. */

import { suggest } from '../../crds/suggestion.ts'
import type { ColumnType } from '../../sidecar/catalog/types.ts'

interface Spelling {
  /** As reported. */
  readonly name: string
  /** What each parameter is, in order; those not written have the default (Snowflake's). */
  readonly parameters: readonly (readonly ['length' | 'precision' | 'scale', number])[]
  /** VECTOR(FLOAT, 3), MAP(…): what is in parentheses is not reported. */
  readonly opaque?: true
  /** Sizes that the name itself settles. */
  readonly fixed?: Partial<ColumnType>
}

const text = (length: number): Spelling => ({ name: 'TEXT', parameters: [['length', length]] })
const number: Spelling = {
  name: 'NUMBER',
  parameters: [
    ['precision', 38],
    ['scale', 0],
  ],
}
const integer: Spelling = { name: 'NUMBER', parameters: [], fixed: { precision: 38, scale: 0 } }
const binary: Spelling = { name: 'BINARY', parameters: [['length', 8_388_608]] }
const time = (name: string): Spelling => ({ name, parameters: [['scale', 9]] })
const plain = (name: string): Spelling => ({ name, parameters: [] })
const opaque = (name: string): Spelling => ({ name, parameters: [], opaque: true })

const longestText = 16_777_216

/** docs.snowflake.com: "Summary of data types", with the synonyms it lists. */
const spellings: ReadonlyMap<string, Spelling> = new Map<string, Spelling>([
  ...all(['VARCHAR', 'TEXT', 'STRING', 'NVARCHAR', 'NVARCHAR2', 'CHAR VARYING'], text(longestText)),
  ...all(['CHAR', 'CHARACTER', 'NCHAR'], text(1)),
  ...all(['NUMBER', 'DECIMAL', 'DEC', 'NUMERIC'], number),
  ...all(['INT', 'INTEGER', 'BIGINT', 'SMALLINT', 'TINYINT', 'BYTEINT'], integer),
  ...all(['FLOAT', 'FLOAT4', 'FLOAT8', 'DOUBLE', 'DOUBLE PRECISION', 'REAL'], plain('FLOAT')),
  ...all(['DECFLOAT'], { name: 'DECFLOAT', parameters: [['precision', 38]] }),
  ...all(['BINARY', 'VARBINARY'], binary),
  ...all(['BOOLEAN'], plain('BOOLEAN')),
  ...all(['DATE'], plain('DATE')),
  ...all(['TIME'], time('TIME')),
  ...all(['TIMESTAMP', 'DATETIME', 'TIMESTAMP_NTZ', 'TIMESTAMPNTZ'], time('TIMESTAMP_NTZ')),
  ...all(['TIMESTAMP_LTZ', 'TIMESTAMPLTZ'], time('TIMESTAMP_LTZ')),
  ...all(['TIMESTAMP_TZ', 'TIMESTAMPTZ'], time('TIMESTAMP_TZ')),
  ...['VARIANT', 'GEOGRAPHY', 'GEOMETRY', 'FILE', 'UUID'].map(
    (name) => [name, plain(name)] as const,
  ),
  ...['OBJECT', 'ARRAY', 'MAP', 'VECTOR'].map((name) => [name, opaque(name)] as const),
])

function all(names: readonly string[], spelling: Spelling): [string, Spelling][] {
  return names.map((name) => [name, spelling])
}

export interface TypeError {
  readonly message: string
  readonly advice: string
}

export interface ParsedType {
  readonly type: ColumnType
  readonly nullable: boolean
}

/** `NUMBER(38,0)`, `varchar(11) not null`. */
export function parseType(written: string): ParsedType | TypeError {
  const [, words = '', inside] =
    /^\s*([A-Za-z][\w ]*?)\s*(?:\((.*)\))?\s*$/s.exec(written.replace(/\s+not\s+null\s*$/i, '')) ??
    []
  const name = words.toUpperCase().replace(/\s+/g, ' ')
  const spelling = spellings.get(name)
  if (spelling === undefined) {
    const meant = suggest(name, [...spellings.keys()])
    return {
      message: `"${written}" is not a Snowflake type`,
      advice: /\([^)]*$/.test(written)
        ? "Inside { } a comma ends it: put it in quotes, as in 'NUMBER(10,2)'."
        : meant === undefined
          ? 'Write it as in CREATE TABLE, such as NUMBER(38,0), VARCHAR(11), TIMESTAMP_NTZ(9).'
          : `Did you mean ${meant}?`,
    }
  }
  const nullable = !/\s+not\s+null\s*$/i.test(written)
  const sizes =
    inside === undefined || spelling.opaque ? [] : inside.split(',').map((s) => s.trim())
  const wrong = sizes.find((size) => !/^\d{1,9}$/.test(size))
  if (wrong !== undefined || sizes.length > spelling.parameters.length) {
    return {
      message: `"${written}" has sizes that ${name} does not take`,
      advice: `It takes ${spelling.parameters.length === 0 ? 'none' : spelling.parameters.map(([what]) => what).join(', ')}.`,
    }
  }
  const given = spelling.parameters.map(
    ([what, standard], index) => [what, Number(sizes[index] ?? standard)] as const,
  )
  const none = { length: null, precision: null, scale: null }
  return {
    nullable,
    type: { ...none, ...spelling.fixed, ...Object.fromEntries(given), name: spelling.name },
  }
}
