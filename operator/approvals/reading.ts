/** Which statements leave everything at Snowflake as it is: for people to see, nothing goes by it. */

const classes = new Set(['Query', 'Meta', 'Session', 'Transaction'])

/** @param kind class of a statement, or of what it does with an object */
export function onlyReads(kind: string): boolean {
  return classes.has(kind)
}
