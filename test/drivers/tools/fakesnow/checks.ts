/** What is asked of a gateway in front of fakesnow: the part of Snowflake that fakesnow has. */

import { ran, refused, rows, type Judge } from '../../answer.ts'
import type { Item } from '../../suite.ts'
import { raises, type ToolCheck } from '../support/checks.ts'
import type { Ended } from '../support/process.ts'
import type { Request } from '../support/program.ts'

export interface Places {
  readonly gateway: readonly [host: string, port: number]
  readonly token: string
  readonly fakesnow: readonly [host: string, port: number]
}

/** `line` of the connector: rows that one writes, the other must not see. */
export function checksOf(line: string, { gateway, token }: Places): readonly ToolCheck[] {
  const check = (
    item: Item,
    name: string,
    request: Readonly<Record<string, unknown>> & { readonly operation: string },
    judge: Judge,
    queries?: number,
  ): ToolCheck => ({
    name: `connector ${line}: ${name}`,
    item,
    request: { name: 'gateway', ...request },
    judge,
    ...(queries === undefined ? {} : { queries }),
  })
  const query = (sql: string, binds?: readonly unknown[]): Request => ({
    operation: 'execute',
    sql,
    binds,
  })
  const affected = (sql: string, binds?: readonly unknown[]): Request => ({
    operation: 'affected',
    sql,
    binds,
  })
  const notes = 'staging.build.notes'
  return [
    check('connect by token', 'login', { operation: 'open', address: gateway, token }, ran),
    check(
      'bad token',
      'a token with another signature',
      {
        operation: 'open',
        name: 'forged',
        address: gateway,
        token: `${token.slice(0, -8)}AAAAAAAA`,
      },
      raises('DatabaseError', '390303', 'signature'),
    ),
    check(
      'types and NULLs as direct',
      'numbers and text',
      query(
        "SELECT 42 AS n, -1.50::NUMBER(5,2) AS d, 0.25::FLOAT AS f, 'Zürich' AS t, NULL::VARCHAR AS nil",
      ),
      rows(['42', '-1.5', '0.25', 'Zürich', null]),
      1,
    ),
    check(
      'types and NULLs as direct',
      'booleans and binary',
      query("SELECT TRUE AS t, TO_BINARY('00AB', 'HEX') AS b"),
      rows(['true', '00AB']),
    ),
    check(
      'masked columns',
      'an SSN',
      query('SELECT id, ssn FROM health.phi.patients ORDER BY id'),
      rows(['1', '*******3456'], ['2', null]),
    ),
    check(
      'masked columns',
      'an SSN in a join',
      query(
        'SELECT a.ssn FROM health.phi.patients a JOIN health.phi.patients b ON a.id = b.id WHERE a.id = 1',
      ),
      rows(['*******3456']),
    ),
    check(
      'bindings',
      'bound values',
      query('SELECT ? AS a, ? AS b', [41, "it's"]),
      rows(['41', "it's"]),
    ),
    check(
      'transaction',
      'INSERT',
      affected(`INSERT INTO ${notes} VALUES (?, ?)`, [Number(line), `of ${line}`]),
      rows(['1']),
    ),
    check(
      'transaction',
      'UPDATE',
      affected(`UPDATE ${notes} SET body = 'changed' WHERE id = ${line}`),
      rows(['1']),
    ),
    check(
      'transaction',
      'what was written',
      query(`SELECT id, body FROM ${notes} WHERE id = ${line}`),
      rows([line, 'changed']),
    ),
    check(
      'transaction',
      'DELETE',
      affected(`DELETE FROM ${notes} WHERE id = ${line}`),
      rows(['1']),
    ),
    check(
      'array binding without staging',
      'executemany',
      {
        operation: 'many',
        sql: `INSERT INTO ${notes} VALUES (?, ?)`,
        binds: [
          [100, 'a'],
          [101, 'b'],
          [102, null],
        ],
      },
      rows(['3']),
    ),
    check(
      'blocked: exact error, one request',
      'DROP TABLE',
      query('DROP TABLE health.phi.patients'),
      refused('HEALTH.PHI.PATIENTS'),
      1,
    ),
    check(
      'blocked: exact error, one request',
      'PUT',
      query('PUT file:///etc/hostname @staging.build.%notes'),
      refused('PUT'),
      1,
    ),
    check(
      'blocked: exact error, one request',
      "Snowflake's own error",
      query("SELECT TO_NUMBER('x')"),
      raises('ProgrammingError'),
      1,
    ),
    check('session and close', 'USE SCHEMA', query('USE SCHEMA health.phi'), ran),
    // fakesnow finds its own functions in the current database only.
    check(
      'types and NULLs as direct',
      'times',
      query(
        "SELECT '2024-02-29'::DATE AS d, '12:34:56'::TIME AS t, '2024-02-29 12:34:56.789'::TIMESTAMP_NTZ AS n",
      ),
      rows(['2024-02-29', '12:34:56', '2024-02-29T12:34:56.789Z']),
    ),
    check(
      'session and close',
      'an unqualified name after it',
      query('SELECT COUNT(*) FROM patients'),
      rows(['2']),
    ),
    check('session and close', 'close', { operation: 'close' }, ran),
  ]
}

export const nodeRows = {
  sql: 'SELECT 42 AS n',
  /** Rows, or an error that says why: never an empty result, never a hang. */
  judge: ({ code, stdout, stderr }: Ended): string | undefined => {
    if (code !== 0) return `it ended with ${String(code)}: ${stderr.slice(-1000)}`
    const { rows: given, error } = JSON.parse(stdout) as {
      readonly rows?: unknown
      readonly error?: string
    }
    if (JSON.stringify(given) === '[{"N":42}]') return undefined
    return error?.includes('Arrow') === true ? undefined : `got ${stdout}`
  },
}
