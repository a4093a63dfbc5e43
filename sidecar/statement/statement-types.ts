/** Snowflake's statementTypeId for each kind of statement that runs (protocol fact: the drivers' tables). */

const types: Readonly<Record<string, readonly number[]>> = {
  Select: [0x1000],
  Use: [0x4300, 0x4301, 0x4302, 0x4303, 0x4304, 0x4000],
  AlterSession: [0x4100, 0x4000],
  Begin: [0x5000, 0x5001, 0x5002, 0x5003],
  Commit: [0x5000, 0x5001, 0x5002, 0x5003],
  Rollback: [0x5000, 0x5001, 0x5002, 0x5003],
  Show: [0x4400],
  Describe: [0x4500],
}

/** An empty list, which no answer satisfies, for a kind that does not run. */
export function statementTypes(kind: string): readonly number[] {
  // `ShowTables`, `DescribeView`, …: Snowflake has one type for each family.
  const family = /^(Show|Describe)(?=[A-Z])/.exec(kind)?.[0]
  return types[family ?? kind] ?? []
}
