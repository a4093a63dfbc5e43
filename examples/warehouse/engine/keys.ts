/** Keys of tables: Snowflake keeps and lists them, and enforces none. */

export interface KeyTarget {
  readonly database: string
  readonly schema: string
  readonly name: string
  /** Empty: its primary key. */
  readonly columns: readonly string[]
}

export interface Key {
  readonly kind: 'PRIMARY KEY' | 'UNIQUE' | 'FOREIGN KEY'
  readonly name: string
  readonly columns: readonly string[]
  /** Of a foreign key. */
  readonly references?: KeyTarget
}

/** `table.keys` without those of a column that goes. */
export function keysWithout(keys: readonly Key[], gone: readonly string[]): readonly Key[] {
  return keys.filter(({ columns }) => !columns.some((column) => gone.includes(column)))
}

export function keysRenamed(keys: readonly Key[], from: string, to: string): readonly Key[] {
  return keys.map((key) => ({
    ...key,
    columns: key.columns.map((column) => (column === from ? to : column)),
  }))
}
