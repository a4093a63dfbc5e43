/** Ids that a client may choose or guess: of requests, and of statements that somebody else ran. */

import { fallsWithin, fails, rows, type Judge } from '../answer.ts'
import type { Check } from '../check.ts'

const item = 'request ids and foreign results'

const reused: Judge = fails({ code: 390_400, sqlState: '08P01' }, 'was used before in this session')

/** What Node and Go say: they ask for the status first, and are told of no such statement. */
const withoutStatus: ReadonlySet<number> = new Set([460_002, 279_001])

/** Classes and codes of the drivers differ for a fetch that fails. */
const nothing: Judge = (answer, circumstances) =>
  fallsWithin(
    10_000,
    withoutStatus.has(Number(answer.error?.code)) ? '' : 'is not one that this identity ran',
  )(answer, circumstances)

export const ids: readonly Check[] = [
  {
    name: 'a request id that comes back with another statement',
    item,
    sql: ["SELECT 'first' AS replayed", "SELECT 'second' AS replayed"],
    operation: 'replay',
    twice: 'replayed',
    judge: reused,
  },
  { name: "somebody else's result by its query id", item, sql: '{foreign}', operation: 'byId', judge: nothing },
  {
    name: "somebody else's result by RESULT_SCAN",
    item,
    sql: "SELECT * FROM TABLE(RESULT_SCAN('{foreign}'))",
    operation: 'rows',
    judge: fails({ code: 709, sqlState: '02000' }, 'does not name a result that this session was given'),
    refused: true,
  },
  {
    name: 'the session goes on after them',
    item,
    sql: "SELECT 'goes on' AS it",
    operation: 'rows',
    judge: rows(['goes on']),
  },
] // prettier-ignore
