import { macros } from './macros.ts'

/**
 * Functions whose Snowflake meaning is held by a macro of our own, because the translator knows
 * them only by shape: each `sf_<name>` macro answers calls of `<NAME>`. Helpers that no statement
 * calls by name are left out.
 */
const helpers = new Set(['PLAIN', 'TEXT', 'TEXT_MAX', 'DIV', 'FLATTEN', 'NOW', 'INSTANT'])

export const macroFunctions: ReadonlySet<string> = new Set(
  macros
    .map((macro) => /^sf_(\w+)\(/.exec(macro)?.[1]?.toUpperCase() ?? '')
    .filter((name) => name !== '' && !helpers.has(name)),
)

/** Functions whose first argument is a date part, which may be written as a bare word. */
export const partFunctions: Readonly<Record<string, string>> = {
  DATEDIFF: 'SF_DATEDIFF',
  TIMESTAMPDIFF: 'SF_DATEDIFF',
  DATEADD: 'SF_DATEADD',
  TIMESTAMPADD: 'SF_DATEADD',
}

const parts: Readonly<Record<string, string>> = {
  Y: 'year',
  YY: 'year',
  YYYY: 'year',
  YR: 'year',
  YEARS: 'year',
  QTR: 'quarter',
  QUARTERS: 'quarter',
  MM: 'month',
  MON: 'month',
  MONTHS: 'month',
  W: 'week',
  WK: 'week',
  WEEKS: 'week',
  D: 'day',
  DD: 'day',
  DAYS: 'day',
  H: 'hour',
  HH: 'hour',
  HOURS: 'hour',
  M: 'minute',
  MI: 'minute',
  MIN: 'minute',
  MINUTES: 'minute',
  S: 'second',
  SEC: 'second',
  SECONDS: 'second',
}

/** The canonical name of a date part: `DD` → `day`. */
export const datePart = (word: string): string => parts[word.toUpperCase()] ?? word.toLowerCase()
