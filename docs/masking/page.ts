/** `docs/masking.md`: which mask fits which type is asked of the masks themselves. */

import type { ColumnType } from '../../sidecar/catalog/types.ts'
import type { MaskMethod } from '../../sidecar/control/bundle.ts'
import { maskOf } from '../../sidecar/masking/methods/index.ts'

const key = { kind: 'inStatement', secretName: 'key' } as const
const digits = { kind: 'token', key, format: 'Digits', domain: 'd' } as const

interface Row {
  readonly title: string
  readonly method: MaskMethod
  readonly gives: string
  readonly shows: string
}

/** In the order of strictness; one example of each. */
export const rows: readonly Row[] = [
  { title: '`"null"`', method: { kind: 'null' }, gives: 'NULL', shows: 'nothing' },
  {
    title: '`redact`',
    method: { kind: 'redact' },
    gives:
      "`***`, cut to the column; 0; FALSE; 1900-01-01; 00:00:00; 1970-01-01 00:00:00 in UTC, by the column's type",
    shows: 'which values are NULL, as all that follow',
  },
  {
    title: '`hash`',
    method: { kind: 'hash', key },
    gives: '64 hexadecimal digits, cut to the column, which must hold 16',
    shows: 'which values are equal, in the columns of one rule',
  },
  {
    title: '`token`, Opaque',
    method: { ...digits, format: 'Opaque' },
    gives: '`tok_` and 32 hexadecimal digits, cut to the column, which must hold 20',
    shows: 'which values are equal, in the columns of one domain that are equally long or hold 36',
  },
  {
    title: '`token`, Digits',
    method: digits,
    gives:
      'other digits in a text of at most 32 digits and ` -./()+`; an opaque token or `***` for any other text; for a number, a positive one of as many digits',
    shows: 'which values are equal (different ones may meet), how long they are, separators',
  },
  {
    title: '`email`',
    method: { kind: 'email' },
    gives: '`***@` and the domain; `***` where that does not fit or the value is no address',
    shows: 'the domain',
  },
  {
    title: '`regex`',
    method: { kind: 'regex', pattern: '[0-9]+', replacement: '#', unmatched: 'Redact' },
    gives: 'the value with each match replaced, cut to the column; `***` for a value without one',
    shows: 'what the pattern leaves',
  },
  {
    title: '`dateTruncate`',
    method: { kind: 'dateTruncate', to: 'Month' },
    gives: 'the first day of the month, quarter or year',
    shows: 'that period',
  },
  {
    title: '`bucket`',
    method: { kind: 'bucket', size: 10 },
    gives:
      'the multiple of the size next to the value, toward zero; a FLOAT beyond ±9·10^15, or NaN, counts as that number',
    shows: 'that range',
  },
  {
    title: '`partial`',
    method: { kind: 'partial', keepFirst: 0, keepLast: 4 },
    gives: '`*` for all but the ends; for all, where that would hide less than half',
    shows: 'the ends, and the length',
  },
]

const type = (name: string, sizes: Partial<ColumnType> = {}): ColumnType => ({
  name,
  length: null,
  precision: null,
  scale: null,
  ...sizes,
})

/** What stands for each family, and the families it stands for. */
export const types: readonly (readonly [string, readonly ColumnType[]])[] = [
  ['text', [type('TEXT', { length: 100 })]],
  ['whole NUMBER', [type('NUMBER', { precision: 38, scale: 0 })]],
  ['NUMBER with a scale', [type('NUMBER', { precision: 10, scale: 2 })]],
  ['FLOAT', [type('FLOAT')]],
  ['DATE', [type('DATE')]],
  ['TIMESTAMP_NTZ', [type('TIMESTAMP_NTZ')]],
  ['TIMESTAMP_LTZ, _TZ', [type('TIMESTAMP_LTZ'), type('TIMESTAMP_TZ')]],
  ['BOOLEAN, TIME', [type('BOOLEAN'), type('TIME')]],
  [
    'any other',
    ['BINARY', 'VARIANT', 'OBJECT', 'ARRAY', 'GEOGRAPHY', 'GEOMETRY', 'VECTOR', 'MAP'].map((name) =>
      type(name),
    ),
  ],
]

export function maskingPage(): string {
  return [
    '# Masks',
    '',
    'What a MaskingRule shows instead of a value. This page is generated from `docs/masking/page.ts`',
    'and `sidecar/masking/methods/`. What the fields of a rule mean is in [policy.md](policy.md).',
    '',
    "Of every mask it holds that NULL stays NULL, that it has the column's declared type and fits its",
    'length, that it is the same each time, that no value makes it fail, and that neither session',
    'parameters nor collations change it. A column whose type the mask does not fit cannot be read.',
    '',
    '## What they give, and what they show',
    '',
    'From what shows least to what shows most.',
    '',
    '| mask | gives | shows |',
    '| --- | --- | --- |',
    ...rows.map(({ title, gives, shows }) => `| ${title} | ${gives} | ${shows} |`),
    '',
    'Only `hash` and opaque tokens are equal for equal values and for no others; only they go with',
    '`usage: Joinable`.',
    '',
    '## Which types they fit',
    '',
    `| mask | ${types.map(([name]) => name).join(' | ')} |`,
    `| --- | ${types.map(() => '---').join(' | ')} |`,
    ...rows.map(({ title, method }) => `| ${[title, ...types.map(fits(method))].join(' | ')} |`),
    '',
    '"Any other" is BINARY, VARIANT, OBJECT, ARRAY, GEOGRAPHY, GEOMETRY, VECTOR, MAP and what comes',
    'after them. Timestamps with a time zone are not truncated: Snowflake does that by the',
    "session's zone or by their own, and every zone an agent sets would tell more. A bucket's size",
    'must have no more digits after the point than the column, and none for FLOAT.',
    '',
    '## Several rules on one column',
    '',
    'Of different masks the first in the table above holds, except that of `email`, `regex` and',
    '`partial` each may leave what another hides: two of them come to `redact`. Two of the same mask',
    'come to what shows only what both show: `partial` keeps what both keep, `dateTruncate` takes the',
    'longer period, `bucket` the least common multiple. Two hashes, tokens or patterns that are not',
    'the same show nothing in common: the column is redacted. The usage is the strictest of them, and',
    'a column whose mask is not joinable is not, whatever its rules say.',
    '',
    '## Keys',
    '',
    'A `function` of the account keeps its key in Snowflake. It takes one text and gives one text,',
    'which is cut to the column, so its tokens should be short enough; for a column of numbers it',
    'must give digits, and anything else becomes 0.',
    '',
    'With `inStatements: Allow` the gateway writes keys into the statements, where the query history',
    'of the account shows them to whoever may read it. They are not the key of the Secret but two',
    'that are derived from it (HKDF-SHA256) for one rule (`hash`) or one domain (`token`). The mask is',
    '',
    '```sql',
    "SHA2_HEX('outer' || SHA2_HEX('inner' || label || SHA2_HEX(value)))",
    '```',
    '',
    'cut or turned into digits. That is the nested form of HMAC with two independent keys, each a',
    'full block of SHA-256, over a digest of the value. HMAC itself needs a digest of bytes, which',
    'Snowflake does not document. Recordings and logs show the name of the Secret in place of the',
    'keys. Whoever has the keys can tell a guessed value from its mask, and there are only so many',
    'social security numbers: keep that history to the owners of the data, or use a function.',
  ].join('\n')
}

const fits =
  (method: MaskMethod) =>
  ([, samples]: readonly [string, readonly ColumnType[]]): string => {
    const answers = new Set(samples.map((sample) => maskOf(method).accepts(sample)))
    if (answers.size !== 1) throw new Error('the types of one column of the table differ')
    return answers.has(true) ? 'yes' : '–'
  }
