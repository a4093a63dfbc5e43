/** Functions whose arguments name objects or stages, or hold code: what those name is no value. */

import type { Argument, FunctionCall } from '../ast.ts'
import type { FactCollector } from './collector.ts'
import { namedBy } from './named-by.ts'

/** One argument of a function, by its place or its name, and what it names. */
interface Rule {
  readonly place: number
  readonly names: readonly string[]
  record(value: Argument['value'], found: FactCollector, call: FunctionCall): void
}

type Rows = readonly (readonly [name: string, rules: readonly Rule[]])[]

function functions(list: string, ...rules: readonly Rule[]): Rows {
  return list.split(/\s+/).map((name) => [name, rules])
}

function object(place: number, objectClass: string, privilege: string, ...names: string[]): Rule {
  return {
    place,
    names,
    record(value, found) {
      useNamed(value, objectClass, privilege, found)
    },
  }
}

/** The class of the object is an argument, too: `GET_DDL('TABLE', 'db.s.t')`. */
const typedObject: Rule = {
  place: 1,
  names: [],
  record(value, found, { arguments: [type] }) {
    const given = type?.value.kind === 'Literal' ? type.value.value.toUpperCase() : 'OBJECT'
    useNamed(value, given.replaceAll('_', ' '), 'USAGE', found)
  },
}

const code: Rule = {
  place: 0,
  names: ['SQL_TEXT', 'SQL'],
  record({ span }, { dynamic }, { name }) {
    dynamic.push({
      what: `the query that ${name.parts.at(-1)?.value ?? ''} is given as text`,
      span,
    })
  },
}

const fileFormat = object(1, 'FILE FORMAT', 'USAGE', 'FILE_FORMAT')
const table = object(0, 'TABLE', 'USAGE', 'TABLE_NAME')

/** By name without qualifier: some are in INFORMATION_SCHEMA. */
const rules: ReadonlyMap<string, readonly Rule[]> = new Map([
  ...functions('INFER_SCHEMA', fileFormat),
  ...functions('GETNEXTVAL', object(0, 'SEQUENCE', 'USAGE')),
  ...functions('VALIDATE', object(0, 'TABLE', 'SELECT', 'TABLE_NAME')),
  ...functions('SYSTEM$DATA_METRIC_SCAN', object(0, 'TABLE', 'SELECT', 'REF_ENTITY_NAME')),
  ...functions('TO_QUERY SYSTEM$QUERY_REFERENCE SYSTEM$EXPLAIN_PLAN_JSON', code),
  ...functions('GET_DDL SYSTEM$REFERENCE', typedObject),
  ...functions('VALIDATE_PIPE_LOAD', object(0, 'PIPE', 'USAGE', 'PIPE_NAME')),
  ...functions('SYSTEM$PIPE_STATUS SYSTEM$PIPE_FORCE_RESUME', object(0, 'PIPE', 'USAGE')),
  ...functions('SYSTEM$STREAM_HAS_DATA SYSTEM$STREAM_BACKLOG', object(0, 'STREAM', 'USAGE')),
  ...functions('SYSTEM$STREAM_GET_TABLE_TIMESTAMP', object(0, 'STREAM', 'USAGE')),
  ...functions('SYSTEM$CLUSTERING_INFORMATION SYSTEM$CLUSTERING_DEPTH', table),
  ...functions('SYSTEM$CLUSTERING_RATIO SYSTEM$LAST_CHANGE_COMMIT_TIME', table),
  ...functions('SYSTEM$ESTIMATE_SEARCH_OPTIMIZATION_COSTS', table),
  ...functions('SYSTEM$ESTIMATE_AUTOMATIC_CLUSTERING_COSTS', table),
  ...functions('SYSTEM$GET_TAG', object(0, 'TAG', 'USAGE'), object(1, 'OBJECT', 'USAGE')),
  ...functions('SYSTEM$TASK_DEPENDENTS_ENABLE', object(0, 'TASK', 'OPERATE')),
  ...functions('SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS', object(0, 'TASK', 'OPERATE')),
])

/** These take a stage as a string as well; FL_… functions do, too. */
const staged = new Set([
  ...['INFER_SCHEMA', 'TO_FILE', 'TRY_TO_FILE', 'DIRECTORY', 'PARSE_DOCUMENT', 'AI_PARSE_DOCUMENT'],
  ...['GET_PRESIGNED_URL', 'BUILD_SCOPED_FILE_URL', 'BUILD_STAGE_FILE_URL', 'GET_STAGE_LOCATION'],
  ...['GET_RELATIVE_PATH', 'GET_ABSOLUTE_PATH'],
])

export function recordArguments(call: FunctionCall, found: FactCollector): void {
  const name = call.name.parts.at(-1)?.value ?? ''
  const own = rules.get(name) ?? []
  const takesStage = staged.has(name) || name.startsWith('FL_')
  if (own.length === 0 && !takesStage) return
  for (const [place, argument] of call.arguments.entries()) {
    const given = argument.name?.value
    const rule = own.find((each) =>
      given === undefined ? each.place === place : each.names.includes(given),
    )
    rule?.record(argument.value, found, call)
    if (takesStage) recordStage(argument, place, found)
  }
}

/** `'@s/path'`; a stage that is no string is a node of its own. */
function recordStage({ name, value, span }: Argument, place: number, found: FactCollector): void {
  if (value.kind === 'Literal') {
    const { type, value: text } = value
    if (type === 'string' && text.startsWith('@')) {
      found.stages.push({ name: text, access: 'Read', span })
    }
  } else if (name === undefined ? place === 0 : name.value === 'LOCATION') {
    // A column or a call gives the address of a file, and may be one of many.
    if (!addresses.has(value.kind))
      found.dynamic.push({ what: 'a stage that a function is given', span })
  }
}

const addresses: ReadonlySet<string> = new Set([
  ...['Stage', 'ColumnReference', 'FunctionCall', 'Path', 'Positional', 'Star'],
])

function useNamed(
  value: Argument['value'],
  objectClass: string,
  privilege: string,
  found: FactCollector,
): void {
  const name = nameIn(value)
  if (name === undefined) {
    const what = `the name of a ${objectClass.toLowerCase()} that a function is given`
    found.dynamic.push({ what, span: value.span })
  } else {
    found.use(name, objectClass, privilege)
  }
}

function nameIn(value: Argument['value']) {
  if (value.kind === 'ColumnReference') {
    const { span, parts } = value
    return { kind: 'ObjectName', span, parts } as const
  }
  if (value.kind === 'DynamicName') return value
  if (value.kind !== 'Literal') return undefined
  // `GET_DDL('FUNCTION', 'f(NUMBER)')`
  return namedBy({ ...value, value: value.value.replace(/\s*\([^()]*\)\s*$/, '') })
}
