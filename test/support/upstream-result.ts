/** A result as the gateway reads it from Snowflake's answer. */

import type { UpstreamResult } from '../../sidecar/upstream/answer.ts'

/** One without rows or columns, with `change` in it. */
export const upstreamResult = (change: Partial<UpstreamResult>): UpstreamResult => ({
  ok: true, queryId: 'q', format: 'json', columns: [], rows: [], arrow: null, chunks: [],
  chunkHeaders: {}, total: 0, statementTypeId: 4096, version: 1,
  context: { database: null, schema: null, warehouse: null, role: 'R' },
  numberOfBinds: 0, arrayBindSupported: false, stats: null, parameters: [], ...change,
}) // prettier-ignore
