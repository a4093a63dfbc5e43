/** The table that array binds write to; the data of every other one is as in any warehouse. */

/** Names of its last columns. */
export const importedTexts: readonly string[] = Array.from(
  { length: 37 },
  (_, index) => `t${index}`,
)

export const importedTable = `CREATE TABLE analytics.public.imported (id NUMBER(38,0), name VARCHAR, amount NUMBER(12,2), ${importedTexts.map((name) => `${name} VARCHAR`).join(', ')})`
