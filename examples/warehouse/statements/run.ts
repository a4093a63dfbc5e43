import { syntaxError, unsupported } from '../engine/errors.ts'
import { parseStatement, renameFunctions } from '../sql/translate.ts'
import { expression, type TreeNode } from '../sql/tree.ts'
import type { StatementContext } from './context.ts'
import { alterTable } from './alter-table.ts'
import { runComment } from './comments.ts'
import { createFunction, macroOf } from './create-function.ts'
import { createTag } from './create-tag.ts'
import { createTable, createView, dropObject, truncateTable } from './ddl.ts'
import { describeRelation } from './describe.ts'
import { runDml } from './dml.ts'
import { type Outcome, statementTypes } from './outcome.ts'
import { runQuery } from './query.ts'
import { withResults } from './result-scan.ts'
import { runAlterSession, openTransaction, runTransaction, runUse } from './session.ts'
import { createSchema, dropSchema } from './schemas.ts'
import { runShow } from './show.ts'
import { done, status } from './synthetic.ts'
import { runSet } from './variables.ts'
import { runCall, withWaits } from './waits.ts'

type ByWord = (context: StatementContext) => Promise<Outcome> | Outcome
type ByTree = (context: StatementContext, body: TreeNode, tree: TreeNode) => Promise<Outcome>

/** Statements recognised by their first words; the translator's parser does not see them. */
const byWords: readonly (readonly [words: readonly string[], run: ByWord])[] = [
  [['USE'], runUse],
  [['SHOW'], runShow],
  [['DESCRIBE'], describeRelation],
  [['DESC'], describeRelation],
  [['ALTER', 'SESSION'], runAlterSession],
  [['ALTER', 'TABLE'], alterTable],
  [['COMMENT'], runComment],
  [['CALL'], runCall],
  [['SET'], runSet],
  [['UNSET'], runSet],
  [['CREATE', 'SCHEMA'], createSchema],
  [['CREATE', 'TRANSIENT', 'SCHEMA'], createSchema],
  [['CREATE', 'OR', 'REPLACE', 'SCHEMA'], createSchema],
  [['DROP', 'SCHEMA'], dropSchema],
  [['CREATE', 'TAG'], createTag],
  [['CREATE', 'OR', 'REPLACE', 'TAG'], createTag],
  [['BEGIN'], runTransaction],
  [['START', 'TRANSACTION'], runTransaction],
  [['COMMIT'], runTransaction],
  [['ROLLBACK'], runTransaction],
]

const changing =
  (kind: Parameters<typeof runDml>[1]): ByTree =>
  async (context, _body, tree) => {
    await openTransaction(context)
    return await runDml(context, kind, tree)
  }

const query: ByTree = (context, _body, tree) => runQuery(context, tree)

/** Statements recognised by the kind of their syntax tree. Anything else is refused. */
const byKind: Readonly<Record<string, ByTree>> = {
  select: query,
  union: query,
  intersect: query,
  except: query,
  subquery: query,
  values: query,
  insert: changing('insert'),
  update: changing('update'),
  delete: changing('delete'),
  merge: changing('merge'),
  create_table: createTable,
  create_view: createView,
  create_function: createFunction,
  drop_table: (context, body) => dropObject(context, 'TABLE', body),
  drop_view: (context, body) => dropObject(context, 'VIEW', body),
  truncate: truncateTable,
}

const rowless = new Set([
  'create_table',
  'create_view',
  'create_function',
  'drop_table',
  'drop_view',
  'truncate',
])

/** Runs one statement. @throws SnowflakeError */
export async function runStatement(context: StatementContext): Promise<Outcome> {
  const { tokens, describeOnly } = context
  const known = byWords.find(([words]) =>
    words.every((word, index) => tokens[index]?.text === word),
  )
  if (known !== undefined) {
    const acts = known[1] !== runShow && known[1] !== describeRelation
    return describeOnly && acts ? status('', statementTypes.ddl) : known[1](context)
  }
  const sql = renameFunctions(context.sql, tokens, macroOf(context))
  const tree = await withWaits(context, await withResults(context, parseStatement(sql)))
  const found = expression(tree)
  const handler = found === undefined ? undefined : byKind[found.kind]
  if (found === undefined || handler === undefined) throw notAStatement(context, found?.kind)
  if (describeOnly && rowless.has(found.kind)) return done('')
  return handler(context, found.body, tree)
}

function notAStatement(context: StatementContext, kind: string | undefined): Error {
  const first = context.tokens[0]
  const word = first === undefined ? '' : context.sql.slice(first.start, first.end)
  // A lone expression parses, but is no statement.
  if (kind === undefined || kind === 'column' || kind === 'literal' || kind === 'alias') {
    return syntaxError(first?.line ?? 1, first?.position ?? 0, word)
  }
  return unsupported(word.toUpperCase())
}
