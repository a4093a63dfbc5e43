// What the operations of a plan are with snowflake-sdk. Each resolves to an answer, or throws.
import { setTimeout as delay } from 'node:timers/promises'

import { cell, Checksum, exactCell } from './cells.mjs'

export const operations = {
  rows: async (connection, check) => answer(await execute(connection, check), check),

  checksum: async (connection, check) => {
    const { statement } = await execute(connection, check, { streamResult: true })
    const columns = columnsOf(statement)
    const checksum = new Checksum()
    for await (const row of statement.streamRows()) {
      checksum.add(columns.map(({ name, type }) => cell(row[name], type)))
    }
    return { columns, rows: [checksum.row()] }
  },

  describe: async (connection, check) =>
    answer(await execute(connection, check, { describeOnly: true }), check),

  wait: async (_connection, { seconds }) => {
    await delay(seconds * 1000)
    return { columns: [], rows: [] }
  },

  async: async (connection, check) => {
    const { statement } = await execute(connection, check, { asyncExec: true })
    const queryId = statement.getQueryId()
    let status
    do {
      await delay(200)
      status = await connection.getQueryStatus(queryId)
    } while (connection.isStillRunning(status))
    return { ...(await fetched(connection, queryId, check)), status }
  },

  several: async (connection, check) => ({ results: await executeSeveral(connection, check) }),

  cancel: (connection, check) =>
    new Promise((resolve, reject) => {
      const statement = connection.execute({
        sqlText: check.sql,
        rowMode: 'array',
        complete: (error, done, rows) =>
          error ? reject(error) : resolve(answer({ statement: done, rows }, check)),
      })
      setTimeout(() => statement.cancel(), check.seconds * 1000)
    }),

  timeout: () => ({ unsupported: 'it has no timeout of a statement' }),

  many: async (connection, check) => {
    const { statement } = await execute(connection, { ...check, binds: check.bindRows })
    return { columns: [], rows: [[String(statement.getNumUpdatedRows())]] }
  },

  file: async (connection, check) => answer(await execute(connection, check), check),

  frame: () => ({ unsupported: 'it has no columnar results' }),

  transaction: async (connection, { sql }) => {
    await execute(connection, { sql: 'BEGIN' })
    let last
    for (const text of sql) last = await execute(connection, { sql: text })
    const given = answer(last, {})
    await execute(connection, { sql: 'ROLLBACK' })
    return given
  },

  byId: async (connection, check) => fetched(connection, check.sql, check),

  replay: async (connection, check) => {
    const [first, second] = check.sql
    const { statement } = await execute(connection, { sql: first })
    const requestId = statement.getRequestId()
    return answer(await execute(connection, { sql: second }, { requestId }), check)
  },

  ping: async (connection) => ({ columns: [], rows: [[String(await connection.isValidAsync())]] }),
}

async function fetched(connection, queryId, check) {
  const statement = await connection.getResultsFromQueryId({ queryId })
  const rows = []
  for await (const row of statement.streamRows()) rows.push(row)
  const columns = columnsOf(statement)
  const byPosition = rows.map((row) => columns.map(({ name }) => row[name]))
  return answer({ statement, rows: byPosition }, check)
}

function execute(connection, { sql, binds }, options = {}) {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText: sql,
      // A stream gives objects, whatever is asked for.
      ...(options.streamResult ? {} : { rowMode: 'array' }),
      ...(binds === undefined ? {} : { binds }),
      ...options,
      complete: (error, statement, rows) =>
        error ? reject(error) : resolve({ statement, rows: rows ?? [] }),
    })
  })
}

/** `complete` is called once for each statement: NextResult() fetches the next one. */
function executeSeveral(connection, check) {
  const results = []
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText: check.sql,
      rowMode: 'array',
      parameters: { MULTI_STATEMENT_COUNT: check.statements },
      complete: (error, statement, rows) => {
        if (error) return reject(error)
        results.push(answer({ statement, rows: rows ?? [] }, check))
        if (statement.hasNext()) statement.NextResult()
        else resolve(results)
      },
    })
  })
}

function answer({ statement, rows }, { exact }) {
  const columns = columnsOf(statement)
  const write = exact ? exactCell : (value, { type }) => cell(value, type)
  return {
    columns,
    rows: rows.map((row) => row.map((value, index) => write(value, columns[index]))),
  }
}

function columnsOf(statement) {
  return (statement.getColumns() ?? []).map((column) => ({
    name: column.getName(),
    type: column.getType(),
  }))
}
