/** Statements that change rows. INSERT ALL and FIRST, with several targets, are not among them. */

import { inQueries, type Obstacles } from './obstacle.ts'

export const changesOfRows: Obstacles = {
  Insert: inQueries,
  Update: inQueries,
  Delete: inQueries,
  Merge: inQueries,
  Truncate: ({ objectClass }) => (objectClass === 'TABLE' ? undefined : `TRUNCATE ${objectClass}`),
}
