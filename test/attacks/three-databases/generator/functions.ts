/** What is done with a value, by its kind: functions of the gateway's list that the warehouse knows. */

import type { Dice } from './dice.ts'
import type { Kind } from './relations.ts'

export interface Step {
  readonly gives: Kind
  readonly of: (value: string, dice: Dice) => string
}

const texts = ["'Graz'", "'9'", "'900-00-0001'", "'%1%'", "'-'", "''"]
export const literal = (kind: Kind, dice: Dice): string => {
  if (kind === 'number') return String(dice.pick([0, 1, 2, 3, 5, 7.5, 100, -1]))
  if (kind === 'date') return dice.pick(["'2026-01-05'::DATE", "'1980-06-15'::DATE"])
  if (kind === 'text') return dice.pick(texts)
  return dice.pick(['PARSE_JSON(\'{"a":1}\')', 'ARRAY_CONSTRUCT(1, 2)'])
}

const to =
  (gives: Kind) =>
  (...templates: readonly string[]): readonly Step[] =>
    templates.map((template) => ({
      gives,
      of: (value, dice) =>
        template.replaceAll('$', () => value).replaceAll('#', () => String(1 + dice.roll(5))),
    }))
const number = to('number')
const text = to('text')
const variant = to('variant')
const date = to('date')

/** `$` is the value, `#` a small number. */
export const steps: Readonly<Record<Kind, readonly Step[]>> = {
  text: [
    ...text(
      'UPPER($)', 'LOWER($)', 'SUBSTR($, #, #)', 'LEFT($, #)', 'RIGHT($, #)', 'REVERSE($)', "REPLACE($, '-', '')",
      "CONCAT($, 'x')", "($ || '!')", "COALESCE($, 'none')", "NVL($, 'none')", 'MD5($)', 'SHA2($, 256)', 'TRIM($)',
      "LPAD($, 12, '0')", "SPLIT_PART($, '-', #)", "SPLIT_PART($, '@', 2)", "REGEXP_REPLACE($, '[0-9]', 'd')",
      "CASE WHEN $ LIKE '9%' THEN 'a' ELSE 'b' END", "IFF($ = '900-00-0001', 'yes', $)", "NULLIF($, 'x')",
      'TO_VARCHAR($)', '$::VARCHAR(20)', 'CAST($ AS TEXT)', "DECODE($, 'x', 'y', $)", 'BASE64_ENCODE($)', "GREATEST($, '5')",
    ),
    ...number(
      'LENGTH($)', 'ASCII($)', "POSITION('-', $)", "TRY_TO_NUMBER(REPLACE($, '-', ''))", 'HASH($)', 'EDITDISTANCE($, $)',
      "IFF(STARTSWITH($, '9'), 1, 0)", "CASE WHEN CONTAINS($, '1') THEN # END",
    ),
    ...variant("ARRAY_CONSTRUCT($, #)", "OBJECT_CONSTRUCT('k', $)", "SPLIT($, '-')", 'TO_VARIANT($)'),
  ],
  number: [
    ...number(
      '($ + #)', '($ * #)', '($ - 1)', '(-$)', 'ABS($)', 'ROUND($)', 'FLOOR($)', 'MOD($, #)', 'DIV0($, #)', 'SIGN($)', 'COALESCE($, 0)',
      'CASE WHEN $ > # THEN # ELSE $ END', 'IFF($ > 50000, 1, 0)', 'NULLIF($, #)', '$::INT', 'CEIL($)', 'GREATEST($, #)', 'ZEROIFNULL($)',
    ),
    ...text('TO_VARCHAR($)', '$::VARCHAR', "LPAD($::VARCHAR, 8, '0')", "IFF($ IS NULL, 'none', 'some')"),
    ...variant('ARRAY_CONSTRUCT($)', "OBJECT_CONSTRUCT('n', $)"),
  ],
  date: [
    ...date('DATEADD(day, #, $)::DATE', "DATE_TRUNC('month', $)", 'COALESCE($, CURRENT_DATE)'),
    ...number('YEAR($)', 'MONTH($)', 'DAY($)', "DATEDIFF(day, $, '2026-01-01'::DATE)", "IFF($ > '1980-01-01'::DATE, 1, 0)"),
    ...text('TO_VARCHAR($)', '$::VARCHAR'),
  ],
  variant: [
    ...text('$:ssn::STRING', '$:tags[0]::STRING', 'TYPEOF($)', '$::STRING', 'TO_JSON($)', "GET($, 'ssn')::STRING"),
    ...number('$:ward.no::INT', 'ARRAY_SIZE($:tags)', 'LENGTH($::STRING)'),
    ...variant('$:tags', '$:ward', 'ARRAY_CONSTRUCT($)', "GET_PATH($, 'ward.no')"),
  ],
} // prettier-ignore

/** They may fail, and what the error says must be the same. */
export const risky: Readonly<Record<Kind, readonly Step[]>> = {
  text: [
    ...number('$::INT', 'TO_NUMBER($)', '(1 / (LENGTH($) - 11))', '(1 / (LENGTH($) - 3))'),
    ...date('TO_DATE($)'),
    ...variant('PARSE_JSON($)'),
    ...text('$::VARCHAR(2)'),
  ],
  number: [...number('(# / $)', '(1 / IFF($ > 30000, 0, 1))', '$::NUMBER(3,0)')],
  date: [...number('(1 / (YEAR($) - 1980))'), ...text('TO_NUMBER($::VARCHAR)::VARCHAR')],
  variant: [...number('$:ssn::INT', '$::INT')],
}
