/** The columns of an object as DESCRIBE lists them, in the catalogue's terms. */

import type { UpstreamResult } from '../upstream/answer.ts'
import type { CatalogColumn, ColumnType } from './types.ts'

/** Null if the answer is not the whole list of columns. */
export function describedColumns(answer: UpstreamResult): readonly CatalogColumn[] | null {
  const at = (name: string): number => answer.columns.findIndex((column) => column.name === name)
  const [name, type, kind, nullable] = [at('name'), at('type'), at('kind'), at('null?')]
  if (answer.chunks.length > 0 || answer.total !== answer.rows.length) return null
  const columns = answer.rows.flatMap((row) => {
    const named = row[name]
    const typed = columnType(row[type])
    return typeof named === 'string' && typed !== null && row[kind] === 'COLUMN'
      ? [{ name: named, type: typed, nullable: row[nullable] !== 'N' }]
      : []
  })
  return columns.length === answer.rows.length && columns.length > 0 ? columns : null
}

type Make = (name: string, first: number | null, second: number | null) => ColumnType

const text: Make = (_name, length) => ({ ...bare('TEXT'), length })
const binary: Make = (name, length) => ({ ...bare(name), length })
const number: Make = (name, precision, scale) => ({ ...bare(name), precision, scale })
const time: Make = (name, scale) => ({ ...bare(name), scale })

const families: ReadonlyMap<string, Make> = new Map([
  ['VARCHAR', text],
  ['BINARY', binary],
  ['NUMBER', number],
  ['TIME', time],
  ['TIMESTAMP_NTZ', time],
  ['TIMESTAMP_LTZ', time],
  ['TIMESTAMP_TZ', time],
])

/** `NUMBER(10,2)`; of structured and vector types only the name says something to masks. */
function columnType(declared: string | null | undefined): ColumnType | null {
  const [, name, first, second] =
    /^([A-Z_]+)(?:\((?:(\d{1,9})(?:, ?(\d{1,9}))?|.*)\))?$/s.exec(declared ?? '') ?? []
  if (name === undefined) return null
  const make = families.get(name)
  return make === undefined ? bare(name) : make(name, integer(first), integer(second))
}

function integer(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits)
}

function bare(name: string): ColumnType {
  return { name, length: null, precision: null, scale: null }
}
