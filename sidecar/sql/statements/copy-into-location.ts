/** COPY INTO a stage or address: https://docs.snowflake.com/en/sql-reference/sql/copy-into-location */

import type {
  DynamicRelation,
  Expression,
  Property,
  Query,
  Spanned,
  TableReference,
} from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { copyOptions, recordCopyOptions } from '../stage/copy-options.ts'
import { atLocation, location, recordLocation } from '../stage/location.ts'
import type { Location } from '../stage/location.ts'
import { optionNames } from '../stage/options.ts'
import { define } from './definition.ts'

export interface CopyIntoLocation extends Spanned {
  readonly kind: 'CopyIntoLocation'
  readonly location: Location
  readonly source: TableReference | DynamicRelation | Query
  readonly partitionBy: Expression | undefined
  readonly options: readonly Property[]
}

const names = optionNames(
  'FILE_FORMAT STORAGE_INTEGRATION CREDENTIALS ENCRYPTION COPY_OPTIONS OVERWRITE SINGLE ' +
    'MAX_FILE_SIZE INCLUDE_QUERY_ID DETAILED_OUTPUT VALIDATION_MODE HEADER',
  'HEADER',
)

function parse(p: Parser): CopyIntoLocation {
  const start = p.index
  p.expect('COPY', 'INTO')
  const place = location(p)
  p.expect('FROM')
  const source = sourceOf(p)
  const before = copyOptions(p, names)
  const partitionBy = p.accept('PARTITION', 'BY') ? p.rules.expression(p) : undefined
  const options = copyOptions(p, names, before)
  const span = p.span(start)
  return { kind: 'CopyIntoLocation', span, location: place, source, partitionBy, options }
}

/** A table without alias or clauses: `FROM t HEADER = TRUE` must not make HEADER its alias. */
function sourceOf(p: Parser): CopyIntoLocation['source'] {
  if (p.accept('(')) {
    const query = p.rules.query(p)
    p.expect(')')
    return query
  }
  const start = p.index
  const name = targetName(p, 'a table or a query in parentheses')
  const none = { alias: undefined, columnAliases: [], timeTravel: [], sample: [] }
  const span = p.span(start)
  if (name.kind === 'DynamicName') {
    return { kind: 'DynamicRelation', span, argument: name.argument, ...none }
  }
  return { kind: 'TableReference', span, name, ...none }
}

export const copyIntoLocation = define<CopyIntoLocation>({
  kind: 'CopyIntoLocation',
  starts: ['COPY INTO'],
  when: (p) => atLocation(p, 2),
  parse,
  children: ['location', 'source', 'partitionBy', 'options'],
  classify: { kind: 'CopyIntoLocation', class: 'Unload' },
  record({ location: place, options }, facts) {
    recordLocation(place, 'Write', facts)
    recordCopyOptions(options, facts)
    facts.effect('unloads')
  },
})
