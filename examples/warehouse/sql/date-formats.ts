/** Snowflake's words in date and time formats → the marks of DuckDB's strftime and strptime. */
const marks: readonly (readonly [word: string, mark: string])[] = [
  ['YYYY', '%Y'],
  ['YY', '%y'],
  ['MMMM', '%B'],
  ['MON', '%b'],
  ['MM', '%m'],
  ['DD', '%d'],
  ['DY', '%a'],
  ['HH24', '%H'],
  ['HH12', '%I'],
  ['MI', '%M'],
  ['SS', '%S'],
  ['FF3', '%g'],
  ['FF6', '%f'],
  ['FF9', '%n'],
  ['FF', '%n'],
  ['AM', '%p'],
  ['PM', '%p'],
]

const anyWord = new RegExp(marks.map(([word]) => word).join('|'), 'gi')
const markOf = new Map(marks)

/** `YYYY-MM-DD` → `%Y-%m-%d`. */
export function duckDateFormat(format: string): string {
  return format
    .replaceAll('%', '%%')
    .replace(anyWord, (word) => markOf.get(word.toUpperCase()) ?? word)
}
