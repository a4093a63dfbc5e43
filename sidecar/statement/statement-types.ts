/** Snowflake's statementTypeId for each kind of statement that runs (protocol fact: the drivers' tables). */

/** Drivers know all of 0x6000 to 0x6fff as DDL and tell them no further apart. */
const ddl = Array.from({ length: 0x1000 }, (_, offset) => 0x6000 + offset)

const types: Readonly<Record<string, readonly number[]>> = {
  Select: [0x1000],
  Explain: [0x1000],
  Use: [0x4300, 0x4301, 0x4302, 0x4303, 0x4304, 0x4000],
  AlterSession: [0x4100, 0x4000],
  // Drivers know SET and UNSET by the family of session commands only.
  Set: [0x4000],
  Unset: [0x4000],
  Begin: [0x5000, 0x5001, 0x5002, 0x5003],
  Commit: [0x5000, 0x5001, 0x5002, 0x5003],
  Rollback: [0x5000, 0x5001, 0x5002, 0x5003],
  Show: [0x4400],
  Describe: [0x4500],
  Insert: [0x3100],
  Update: [0x3200],
  Delete: [0x3300],
  Merge: [0x3400],
  InsertAll: [0x3500],
  InsertFirst: [0x3500],
  CopyIntoTable: [0x3600],
  CopyIntoLocation: [0x3700],
  Truncate: ddl,
  Create: ddl,
  Drop: ddl,
  Alter: ddl,
  Comment: ddl,
}

/** An empty list, which no answer satisfies, for a kind that does not run. */
export function statementTypes(kind: string): readonly number[] {
  // `ShowTables`, `CreateView`, …: Snowflake has one type for each family.
  const own = types[kind]
  const family = /^(Show|Describe|Create|Drop|Alter|Comment)(?=[A-Z])/.exec(kind)?.[0]
  return own ?? types[family ?? kind] ?? []
}
