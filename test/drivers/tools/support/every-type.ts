/** One statement with every type, NULLs and edges. */

const columns: Readonly<Record<string, string>> = {
  whole: '42::NUMBER(10,0)',
  wide: '99999999999999999999999999999999999999::NUMBER(38,0)',
  negative: '-1234.50::NUMBER(12,2)',
  small: '0.000001::NUMBER(20,6)',
  floating: '0.25::FLOAT',
  yes: 'TRUE',
  no: 'FALSE',
  words: "'Zürich, 東京, it''s'",
  nothing: "''",
  bytes: "TO_BINARY('00AB01FF', 'HEX')",
  day: "'1935-07-01'::DATE",
  moment: "'12:34:56.789'::TIME",
  plain: "'2024-02-29 12:34:56.123456789'::TIMESTAMP_NTZ",
  early: "'1935-07-01 01:02:03.5'::TIMESTAMP_NTZ",
  zoned: "'2024-02-29 12:34:56.789 +0530'::TIMESTAMP_TZ",
  own: "'2024-02-29T12:34:56.789Z'::TIMESTAMP_LTZ",
  tree: `PARSE_JSON('{"b":[1,2],"a":"x"}')`,
  list: "ARRAY_CONSTRUCT(1, 'two')",
  pairs: "OBJECT_CONSTRUCT('k', 1)",
  no_number: 'NULL::NUMBER(10,2)',
  no_float: 'NULL::FLOAT',
  no_boolean: 'NULL::BOOLEAN',
  no_words: 'NULL::VARCHAR(7)',
  no_bytes: 'NULL::BINARY',
  no_day: 'NULL::DATE',
  no_moment: 'NULL::TIME',
  no_plain: 'NULL::TIMESTAMP_NTZ',
  no_zoned: 'NULL::TIMESTAMP_TZ',
  no_tree: 'NULL::VARIANT',
}

export const everyType = `SELECT ${Object.entries(columns)
  .map(([name, value]) => `${value} AS ${name}`)
  .join(', ')}`
