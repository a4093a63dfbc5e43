/**
 * How the files of COPY INTO are written: https://docs.snowflake.com/en/sql-reference/sql/create-file-format.
 * By the name of a file format, or by options that say no more than that.
 */

import type { Property, PropertyList, PropertyValue } from '../../sql/ast.ts'
import { namedBy } from '../../sql/facts/named-by.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const types: ReadonlySet<string> = new Set(words('CSV JSON AVRO ORC PARQUET XML'))

const options: ReadonlySet<string> = new Set(
  words(`
    COMPRESSION RECORD_DELIMITER FIELD_DELIMITER MULTI_LINE FILE_EXTENSION PARSE_HEADER SKIP_HEADER
    SKIP_BLANK_LINES DATE_FORMAT TIME_FORMAT TIMESTAMP_FORMAT BINARY_FORMAT ESCAPE
    ESCAPE_UNENCLOSED_FIELD TRIM_SPACE FIELD_OPTIONALLY_ENCLOSED_BY NULL_IF
    ERROR_ON_COLUMN_COUNT_MISMATCH REPLACE_INVALID_CHARACTERS EMPTY_FIELD_AS_NULL
    SKIP_BYTE_ORDER_MARK ENCODING ENABLE_OCTAL ALLOW_DUPLICATE STRIP_OUTER_ARRAY STRIP_NULL_VALUES
    IGNORE_UTF8_ERRORS SNAPPY_COMPRESSION BINARY_AS_TEXT USE_LOGICAL_TYPE USE_VECTORIZED_SCANNER
    PRESERVE_SPACE STRIP_OUTER_ELEMENT DISABLE_AUTO_CONVERT DISABLE_SNOWFLAKE_DATA`),
)

/** A literal, or one of Snowflake's own words: `AUTO`, `NONE`. */
export function isPlainValue(value: PropertyValue | undefined): boolean {
  return value?.kind === 'Literal' || (value?.kind === 'ObjectName' && value.parts.length === 1)
}

/** String literals in brackets. */
export function isTextList(value: PropertyValue | undefined): boolean {
  return value?.kind === 'PropertyList' && value.items.every(isText)
}

export function isText(value: PropertyList['items'][number] | undefined): boolean {
  return value?.kind === 'Literal' && value.type === 'string'
}

/** What FILE_FORMAT may be: `f`, `'db.s.f'`, `(FORMAT_NAME = f)`, `(TYPE = CSV …)`. */
export function isFileFormat(value: PropertyValue | undefined): boolean {
  return value?.kind === 'PropertyList' ? value.items.every(isOption) : isFormatName(value)
}

function isOption(item: PropertyList['items'][number]): boolean {
  if (item.kind !== 'Property') return false
  const { name, value } = item
  if (name === 'FORMAT_NAME') return isFormatName(value)
  if (name === 'TYPE') return types.has(wordOf(value) ?? '')
  return options.has(name) && (isPlainValue(value) || isTextList(value))
}

function isFormatName(value: PropertyValue | undefined): boolean {
  return namedBy(value)?.kind === 'ObjectName'
}

/** Of a value of one word, in quotes or not. */
export function wordOf(value: PropertyValue | undefined): string | undefined {
  if (value?.kind === 'Literal') return value.value.toUpperCase()
  return value?.kind === 'ObjectName' && value.parts.length === 1
    ? value.parts[0]?.value
    : undefined
}

/** The values that name file formats, in the options of a statement or of a stage in FROM. */
export function formatNames(given: readonly Property[]): readonly PropertyValue[] {
  return given
    .filter(({ name }) => name === 'FILE_FORMAT')
    .flatMap(({ value }) => {
      if (value?.kind !== 'PropertyList') return value === undefined ? [] : [value]
      return value.items.flatMap((item) =>
        item.kind === 'Property' && item.name === 'FORMAT_NAME' && item.value !== undefined
          ? [item.value]
          : [],
      )
    })
}
