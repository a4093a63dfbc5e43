import type { OutputColumn } from '../engine/output.ts'

export type Row = readonly (string | null)[]

/** What a statement yields: always a row set, as on the wire. */
export interface Outcome {
  readonly columns: readonly OutputColumn[]
  readonly rows: readonly Row[]
  readonly statementTypeId: number
  /** DML only. */
  readonly stats?: Readonly<Record<string, number>>
}

/** statementTypeId by kind of statement. */
export const statementTypes = {
  select: 4096,
  insert: 12544,
  update: 12800,
  delete: 13056,
  merge: 13312,
  alterSession: 16640,
  useDatabase: 17153,
  useSchema: 17154,
  useWarehouse: 17155,
  useRole: 17156,
  show: 17408,
  describe: 17664,
  transaction: 20480,
  set: 16384,
  call: 16384,
  multiple: 40960,
  ddl: 24576,
} as const
