import { defaultParameters } from '../login/parameters.ts'
import type { Cursor } from '../sql/tokens.ts'
import type { StatementContext } from './context.ts'
import { type Outcome, statementTypes } from './outcome.ts'
import { likePattern } from './listing.ts'
import { output } from './synthetic.ts'

const columns = ['key', 'value', 'default', 'level', 'description', 'type']
const types: Readonly<Record<string, string>> = { boolean: 'BOOLEAN', number: 'NUMBER' }

/** The rest of SHOW PARAMETERS [LIKE '…'] [IN SESSION]. */
export function showParameters(
  { session, describeOnly }: StatementContext,
  cursor: Cursor,
): Outcome {
  const like = cursor.take('LIKE') ? likePattern(cursor.string()) : undefined
  if (cursor.take('IN') || cursor.take('FOR')) {
    if (!cursor.take('SESSION')) throw cursor.unexpected()
  }
  cursor.end()
  const names = new Set([...Object.keys(defaultParameters), ...session.parameters.keys()])
  const rows = [...names]
    .sort()
    .filter((name) => like?.test(name) ?? true)
    .map((name) => {
      const usual = defaultParameters[name] ?? ''
      const value = session.parameters.get(name) ?? usual
      const level = value === usual ? '' : 'SESSION'
      return [name, String(value), String(usual), level, '', types[typeof usual] ?? 'STRING']
    })
  return {
    columns: columns.map((name) => output(name)),
    rows: describeOnly ? [] : rows,
    statementTypeId: statementTypes.show,
  }
}
