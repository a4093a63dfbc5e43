/** COPY INTO a table: https://docs.snowflake.com/en/sql-reference/sql/copy-into-table */

import type { Property, Query, Spanned, Stage, TargetName } from '../ast.ts'
import { targetColumns } from '../dml/target.ts'
import type { TargetColumn } from '../dml/target.ts'
import type { FactCollector } from '../facts/collector.ts'
import { partsOf, printName } from '../names.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { copyOptions, recordCopyOptions } from '../stage/copy-options.ts'
import { location, recordLocation } from '../stage/location.ts'
import type { Location } from '../stage/location.ts'
import { optionNames } from '../stage/options.ts'
import { define } from './definition.ts'

export interface CopyIntoTable extends Spanned {
  readonly kind: 'CopyIntoTable'
  readonly name: TargetName
  readonly columns: readonly TargetColumn[]
  /** Files, or a query over a stage; without either the files of the table's own stage. */
  readonly source: Location | Query | undefined
  readonly options: readonly Property[]
}

const names = optionNames(
  'FILES PATTERN FILE_FORMAT VALIDATION_MODE STORAGE_INTEGRATION CREDENTIALS ENCRYPTION ' +
    'COPY_OPTIONS CLUSTER_AT_INGEST_TIME ON_ERROR SIZE_LIMIT PURGE RETURN_FAILED_ONLY ' +
    'MATCH_BY_COLUMN_NAME INCLUDE_METADATA ENFORCE_LENGTH TRUNCATECOLUMNS FORCE ' +
    'LOAD_UNCERTAIN_FILES FILE_PROCESSOR LOAD_MODE',
)

function parse(p: Parser): CopyIntoTable {
  const start = p.index
  p.expect('COPY', 'INTO')
  const name = targetName(p, 'a table or a stage')
  const columns = targetColumns(p)
  const source = p.accept('FROM') ? sourceOf(p) : undefined
  const options = copyOptions(p, names)
  return { kind: 'CopyIntoTable', span: p.span(start), name, columns, source, options }
}

function sourceOf(p: Parser): Location | Query {
  if (!p.accept('(')) return location(p)
  const query = p.rules.query(p)
  p.expect(')')
  return query
}

export const copyIntoTable = define<CopyIntoTable>({
  kind: 'CopyIntoTable',
  starts: ['COPY'],
  parse,
  children: ['name', 'columns', 'source', 'options'],
  classify: { kind: 'CopyIntoTable', class: 'Load' },
  record({ name, source, options }, facts) {
    facts.write(name, 'TABLE', 'INSERT')
    facts.effect('persists')
    recordCopyOptions(options, facts)
    if (source === undefined) recordTableStage(name, facts)
    else if (source.kind !== 'Query') recordLocation(source, 'Read', facts)
    if (!options.some(purges)) return
    for (const { text, span } of stagesOf(source)) {
      facts.stages.push({ name: text, access: 'Remove', span })
    }
  },
})

/** Those that files are loaded from, in a query too. */
function stagesOf(source: Location | Query | undefined): readonly Stage[] {
  if (source?.kind === 'Stage') return [source]
  if (source?.kind !== 'Query' || source.body.kind !== 'Select') return []
  return source.body.from.flatMap((item) => (item.kind === 'StageRelation' ? [item.stage] : []))
}

/** `COPY INTO db.s.t` reads `@db.s.%t`. */
function recordTableStage(name: TargetName, facts: FactCollector): void {
  if (name.kind !== 'ObjectName') return
  const parts = partsOf(name)
  const schema = parts.slice(0, -1).map((part) => `${printName([part])}.`)
  const stage = `@${schema.join('')}%${printName(parts.slice(-1))}`
  facts.stages.push({ name: stage, access: 'Read', span: name.span })
}

/** Files are deleted once they are loaded, unless the text says that they are not. */
function purges({ name, value }: Property): boolean {
  return name === 'PURGE' && !(value?.kind === 'Literal' && value.value === 'FALSE')
}
