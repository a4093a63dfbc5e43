/** The load: what a driver sends for one small statement, over kept-alive connections. */

import { randomUUID } from 'node:crypto'

import { Pool } from 'undici'

export interface Client {
  /** Sends `count` statements and checks each answer. */
  run(count: number): Promise<void>
  close(): Promise<void>
}

/** The statements are sent in turn. */
export function benchClient(
  url: string,
  token: string,
  statements: readonly string[],
  concurrency = 16,
): Client {
  let next = 0
  const pool = new Pool(url, { connections: concurrency })
  const headers = {
    'content-type': 'application/json',
    accept: 'application/snowflake',
    authorization: `Snowflake Token="${token}"`,
  }
  async function one(): Promise<void> {
    const { body } = await pool.request({
      method: 'POST',
      path: `/queries/v1/query-request?requestId=${randomUUID()}`,
      headers,
      body: JSON.stringify({
        sqlText: statements[next++ % statements.length],
        asyncExec: false,
        sequenceId: 1,
        querySubmissionTime: Date.now(),
      }),
    })
    const answer = (await body.json()) as {
      success?: boolean
      message?: string
      data?: { rowset?: unknown[] }
    }
    if (answer.success !== true || answer.data?.rowset?.length !== 1) {
      throw new Error(`a statement failed: ${answer.message ?? 'without a message'}`)
    }
  }
  return {
    run: async (count) => {
      let left = count
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          while (left-- > 0) await one()
        }),
      )
    },
    close: () => pool.close(),
  }
}

export async function login(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/session/v1/login-request?requestId=${randomUUID()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      data: {
        AUTHENTICATOR: 'OAUTH',
        TOKEN: token,
        CLIENT_APP_ID: 'JavaScript',
        CLIENT_APP_VERSION: '3.3.0',
      },
    }),
  })
  const { data, message } = (await response.json()) as {
    data?: { token?: string } | null
    message?: string
  }
  if (data?.token === undefined) throw new Error(`the login failed: ${message ?? ''}`)
  return data.token
}
