/** Values of every type, at their edges: as the same driver gets them without a gateway. */

import { all, asDirect, rows, type Judge } from '../answer.ts'
import { query, type Check } from '../check.ts'

const item = 'types and NULLs as direct'

/** In the driver's own notation: a digit lost, or another class of value, shows. */
const exact = (name: string, sql: string): Check => ({
  ...query(item, `${name}, to the last digit`, sql, asDirect),
  exact: true,
  direct: true,
})

/** What the value is, besides: without it, both roads could err alike. */
const known = (name: string, sql: string, judge: Judge): Check => ({
  ...query(item, name, sql, all(judge, asDirect)),
  direct: true,
})

const nines = '9'.repeat(38)
const scales = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

/** One column for each scale. */
const scaled = (text: string, type: string): string =>
  `SELECT ${scales.map((scale) => `'${text}'::${type}(${scale}) AS s${scale}`).join(', ')}`

/** One row for each value. */
const listed = (values: readonly string[], type: string): string =>
  `${values.map((value, index) => `SELECT ${index} AS i, ${value}::${type} AS v`).join(' UNION ALL ')} ORDER BY i`

const quoted = (...texts: readonly string[]): readonly string[] =>
  texts.map((text) => (text === 'NULL' ? text : `'${text}'`))

const integers = [0, 1, -1, 127, -128, 128, 32_767, -32_768, 2_147_483_647, -2_147_483_648]

const edges: readonly Check[] = [
  exact(
    'numbers of 38 digits',
    `SELECT ${nines}::NUMBER(38,0) AS a, -${nines}::NUMBER(38,0) AS b, 0::NUMBER(38,0) AS c, 1::NUMBER(1,0) AS d`,
  ),
  exact(
    'numbers of scale 37',
    `SELECT 0.${'0'.repeat(36)}1::NUMBER(38,37) AS a, -9.${'9'.repeat(37)}::NUMBER(38,37) AS b, 0::NUMBER(38,37) AS c`,
  ),
  exact(
    'integers of every width',
    listed([...integers.map(String), '9223372036854775807', 'NULL'], 'NUMBER(38,0)'),
  ),
  exact('integers that fit in one byte', listed(['1', '-1', 'NULL'], 'NUMBER(38,0)')),
  exact('decimals', listed(['0.00', '-0.01', '1.10', '12345678.90', 'NULL'], 'NUMBER(12,2)')),
  exact(
    'floats',
    listed(['0', '1.5', '-2.25e-300', '1.7976931348623157e308', '0.1', 'NULL'], 'FLOAT'),
  ),
  exact("floats that are no numbers", listed(quoted('NaN', 'inf', '-inf'), 'FLOAT')),
  exact('booleans', listed(['TRUE', 'FALSE', 'NULL'], 'BOOLEAN')),
  exact(
    'dates',
    listed(quoted('0001-01-01', '1582-10-15', '1969-12-31', '1970-01-01', '9999-12-31', 'NULL'), 'DATE'),
  ),
  exact('times of every scale', scaled('23:59:59.123456789', 'TIME')),
  exact('times', listed(quoted('00:00:00', '23:59:59.999999999', 'NULL'), 'TIME(9)')),
  exact('local timestamps of every scale', scaled('1969-12-31 23:59:58.987654321', 'TIMESTAMP_NTZ')),
  exact(
    'local timestamps',
    listed(
      quoted('1900-01-01 00:00:00', '1969-12-31 23:59:59.999999999', '1970-01-01 00:00:00.000000001', '2262-04-11 23:47:16.854775807', 'NULL'),
      'TIMESTAMP_NTZ(9)',
    ),
  ),
  exact(
    'local timestamps of the first and the last day',
    listed(quoted('0001-01-01 00:00:00', '9999-12-31 23:59:59.999999'), 'TIMESTAMP_NTZ(6)'),
  ),
  exact('instants of every scale', scaled('2024-02-29T12:34:56.123456789Z', 'TIMESTAMP_LTZ')),
  exact(
    'instants',
    listed(quoted('1969-07-20T20:17:40.123456789Z', '2024-07-01T00:00:00Z', 'NULL'), 'TIMESTAMP_LTZ(9)'),
  ),
  exact('timestamps with zone of every scale', scaled('1969-07-20 20:17:40.123456789 -0330', 'TIMESTAMP_TZ')),
  exact(
    'timestamps with zone',
    listed(
      quoted('2024-02-29 12:34:56.789 +0530', '2024-02-29 12:34:56 -0800', '2024-02-29 00:00:00 +1400', '2024-02-29 00:00:00 -1200', '1969-12-31 23:59:59.999999999 +00:00', 'NULL'),
      'TIMESTAMP_TZ(9)',
    ),
  ),
  exact('empty strings', "SELECT '' AS a, ' ' AS b, NULL::VARCHAR AS c"),
  exact(
    'text of every kind',
    String.raw`SELECT 'Zürich' AS a, '東京' AS b, '👩‍⚕️ 🩺' AS c, 'עברית' AS d, 'e' || CHR(769) AS e, 'it''s "quoted"' AS f, 'a' || CHR(10) || 'b' || CHR(9) || 'c' AS g, CHR(92) || 'n' AS h`,
  ),
  exact('a string of 1 MB', "SELECT REPEAT('0123456789abcdef', 65536) AS t"),
  exact('binary', "SELECT TO_BINARY('', 'HEX') AS a, TO_BINARY('00FF7F80', 'HEX') AS b, NULL::BINARY AS c"),
  exact(
    'nested variants',
    `SELECT PARSE_JSON('{"a":[{"b":null,"c":[1,2.5,"x",true]},[]],"é":"ü"}') AS a, PARSE_JSON('[[[[]]]]') AS b, PARSE_JSON('null') AS c, NULL::VARIANT AS d`,
  ),
  exact(
    'variants of one value',
    `SELECT PARSE_JSON('1') AS a, PARSE_JSON('"x"') AS b, PARSE_JSON('true') AS c, PARSE_JSON('1.50') AS d`,
  ),
  exact(
    'arrays and objects',
    "SELECT PARSE_JSON('[]')::ARRAY AS a, ARRAY_CONSTRUCT(1, 'two', NULL) AS b, PARSE_JSON('{}')::OBJECT AS c, OBJECT_CONSTRUCT('k', 1, 'o', OBJECT_CONSTRUCT('n', 'v')) AS d",
  ),
  exact(
    'NULL of every type',
    'SELECT NULL::NUMBER(38,0) AS a, NULL::NUMBER(12,2) AS b, NULL::FLOAT AS c, NULL::BOOLEAN AS d, NULL::VARCHAR AS e, NULL::BINARY AS f, NULL::DATE AS g, NULL::TIME AS h, NULL::TIMESTAMP_NTZ AS i, NULL::TIMESTAMP_LTZ AS j, NULL::TIMESTAMP_TZ AS k, NULL::VARIANT AS l',
  ),
  exact(
    'an empty result of every type',
    'SELECT * FROM (SELECT 1::NUMBER(38,0) AS a, 1::FLOAT AS b, TRUE AS c, CURRENT_DATE() AS d, NULL::TIME AS e, NULL::TIMESTAMP_NTZ AS f, NULL::TIMESTAMP_TZ AS g, NULL::VARIANT AS h, NULL::BINARY AS i) WHERE a = 2',
  ),
  exact(
    'a hundred columns',
    `SELECT ${Array.from({ length: 100 }, (_, index) => `${index} AS c${index}`).join(', ')}`,
  ),
  exact('a table', 'SELECT * FROM analytics.public.orders ORDER BY order_id LIMIT 500'),
] // prettier-ignore

const knownValues: readonly Check[] = [
  known('a whole number', 'SELECT 42::NUMBER(10,0) AS n', rows(['42'])),
  known('a decimal number', 'SELECT -1234.50::NUMBER(12,2) AS n', rows(['-1234.5'])),
  known('a float', 'SELECT 0.25::FLOAT AS f', rows(['0.25'])),
  known('booleans', 'SELECT TRUE AS t, FALSE AS f', rows(['true', 'false'])),
  known('text beyond ASCII', "SELECT 'Zürich, 東京, it''s' AS t", rows(["Zürich, 東京, it's"])),
  known('binary', "SELECT TO_BINARY('00AB01FF', 'HEX') AS b", rows(['00AB01FF'])),
  known('a date', "SELECT '2024-02-29'::DATE AS d", rows(['2024-02-29'])),
  known('a date before 1970', "SELECT '1935-07-01'::DATE AS d", rows(['1935-07-01'])),
  known('a time', "SELECT '12:34:56'::TIME AS t", rows(['12:34:56'])),
  known(
    'a timestamp without zone',
    "SELECT '2024-02-29 12:34:56.789'::TIMESTAMP_NTZ AS t",
    rows(['2024-02-29T12:34:56.789Z']),
  ),
  known(
    'a timestamp with zone',
    "SELECT '2024-02-29 12:34:56.789 +0530'::TIMESTAMP_TZ AS t",
    rows(['2024-02-29T07:04:56.789Z']),
  ),
  known(
    'a timestamp in the time zone of the session',
    "SELECT '2024-02-29T12:34:56.789Z'::TIMESTAMP_LTZ AS t",
    rows(['2024-02-29T12:34:56.789Z']),
  ),
  known(
    'variant, array and object',
    `SELECT PARSE_JSON('{"b":[1,2],"a":"x"}') AS v, ARRAY_CONSTRUCT(1, 'two') AS a, OBJECT_CONSTRUCT('k', 1) AS o`,
    rows(['{"a":"x","b":[1,2]}', '[1,"two"]', '{"k":1}']),
  ),
  known(
    'NULL of each type',
    'SELECT NULL::NUMBER AS a, NULL::FLOAT AS b, NULL::BOOLEAN AS c, NULL::VARCHAR AS d, NULL::BINARY AS e, NULL::DATE AS f, NULL::TIME AS g, NULL::TIMESTAMP_NTZ AS h, NULL::TIMESTAMP_TZ AS i, NULL::VARIANT AS j',
    rows([null, null, null, null, null, null, null, null, null, null]),
  ),
]

export const types: readonly Check[] = [...knownValues, ...edges]
