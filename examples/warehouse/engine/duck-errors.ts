import { invalidIdentifier, objectMissing, SnowflakeError } from './errors.ts'

type Translator = (match: readonly string[]) => SnowflakeError

const runtime = (code: string, sqlState: string, text: string) =>
  new SnowflakeError(code, sqlState, text)
const at = (match: readonly string[], index: number) => match[index] ?? ''

/**
 * DuckDB's message → Snowflake's error. First match wins. The values DuckDB quotes are quoted on,
 * because Snowflake quotes them too.
 */
const table: readonly (readonly [RegExp, Translator])[] = [
  [/SNOWFLAKE:(\d+):(\w+):([\s\S]*)$/, (m) => runtime(at(m, 1), at(m, 2), at(m, 3))],
  [/INTERRUPT Error/, () => runtime('000604', '57014', 'SQL execution canceled')],
  [/Division by zero/i, () => runtime('100051', '22012', 'Division by zero')],
  [
    /date field value out of range: "(.*?)"|invalid date field format: "(.*?)"/,
    (m) => runtime('100040', '22007', `Date '${at(m, 1) || at(m, 2)}' is not recognized`),
  ],
  [
    /invalid timestamp field format: "(.*?)"|timestamp field value out of range: "(.*?)"/,
    (m) => runtime('100035', '22007', `Timestamp '${at(m, 1) || at(m, 2)}' is not recognized`),
  ],
  [
    /time field value out of range: "(.*?)"/,
    (m) => runtime('100108', '22007', `Time '${at(m, 1)}' is not recognized`),
  ],
  [
    /Could not convert string ['"]([\s\S]*?)['"] to BOOL/,
    (m) => runtime('100037', '22018', `Boolean value '${at(m, 1)}' is not recognized`),
  ],
  [
    /Failed to cast value(?: to \w+)?: ([[{][\s\S]*?)$/m,
    (m) => runtime('100071', '22000', `Failed to cast variant value ${at(m, 1)} to FIXED`),
  ],
  [
    /(?:Could not convert string|Failed to cast value(?: to \w+)?:) ['"]([\s\S]*?)['"]/,
    (m) => runtime('100038', '22018', `Numeric value '${at(m, 1)}' is not recognized`),
  ],
  [
    /Could not cast value (\S+) to DECIMAL|value (\S+) can't be cast/,
    (m) => runtime('100039', '22003', `Numeric value '${at(m, 1) || at(m, 2)}' is out of range`),
  ],
  [
    /Out of Range Error: .*?(-?\d[\d.]*)/,
    (m) => runtime('100039', '22003', `Numeric value '${at(m, 1)}' is out of range`),
  ],
  [
    /Malformed JSON.*?Input: "([\s\S]*?)"\s*$/m,
    (m) => runtime('100069', '22P02', `Error parsing JSON: ${at(m, 1)}`),
  ],
  [
    /NOT NULL constraint failed: (?:\S*\.)?(\S+)/,
    (m) => runtime('100072', '22000', `NULL result in a non-nullable column ${at(m, 1)}`.trim()),
  ],
  [
    /(?:Table|View) with name "?([^"\s]+)"? does not exist/,
    (m) => objectMissing('Object', at(m, 1)),
  ],
  [
    /(?:Scalar|Aggregate|Window|Table)?\s*(?:Scalar )?Function with name "?(?:sf_)?(\w+)"? does not exist/i,
    (m) =>
      runtime(
        '002140',
        '42601',
        `SQL compilation error:\nUnknown function ${at(m, 1).toUpperCase()}`,
      ),
  ],
  [
    /Ambiguous reference to column name "(.*?)"/,
    (m) =>
      runtime('002028', '42601', `SQL compilation error:\nambiguous column name '${at(m, 1)}'`),
  ],
  [
    /column "(.*?)" must appear in the GROUP BY clause/,
    (m) =>
      runtime(
        '000979',
        '42601',
        `SQL compilation error:\n[${at(m, 1)}] is not a valid group by expression`,
      ),
  ],
  [
    /Referenced (?:column|table) "(.*?)" not found|does not have a column named "(.*?)"|Column with name "?(.*?)"? does not exist/,
    (m) => invalidIdentifier(at(m, 1) || at(m, 2) || at(m, 3)),
  ],
  [
    /No function matches the given name and argument types '(?:sf_)?([\w]+)\((.*?)\)'/,
    (m) =>
      runtime(
        '001044',
        '42P13',
        `SQL compilation error: error line 1 at position 0\nInvalid argument types for function '${at(m, 1).toUpperCase()}': (${at(m, 2)})`,
      ),
  ],
]

/** Turns whatever DuckDB threw into the error Snowflake would have given. */
export function fromDuckError(thrown: unknown): SnowflakeError {
  if (thrown instanceof SnowflakeError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  for (const [pattern, translate] of table) {
    const match = pattern.exec(message)
    if (match !== null) return translate(match)
  }
  const first = message.split('\n')[0] ?? message
  return new SnowflakeError('002000', '42000', `SQL compilation error:\n${first}`)
}
