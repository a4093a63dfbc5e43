/** Overloads for `from` to ten arguments: DuckDB's macros take a fixed number. */
function variadic(name: string, body: (args: readonly string[]) => string, from = 1): string {
  const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
  const overloads = ['', ...letters]
    .map((_, count) => letters.slice(0, count))
    .filter((args) => args.length >= from)
    .map((args) => `(${args.join(', ')}) AS ${body(args)}`)
  return `${name}${overloads.join(', ')}`
}

const pairs = (args: readonly string[]): string =>
  `json_object(${args
    .slice(0, args.length - (args.length % 2))
    .map((arg, index) => (index % 2 === 0 ? `${arg}::VARCHAR` : arg))
    .join(', ')})`

/** Raises a Snowflake error from inside DuckDB: code, SQLSTATE and text travel in the message. */
const fail = (code: string, state: string, text: string): string =>
  `error('SNOWFLAKE:${code}:${state}:' || ${text})`

const numeric = (x: string, p: string, s: string): string =>
  // The scale decides the type, so the common ones are spelled out; casts cannot take expressions.
  `CASE WHEN ${s} = 0 THEN CAST(sf_plain(${x}) AS DECIMAL(38, 0)) ELSE CAST(sf_plain(${x}) AS DECIMAL(38, 6)) END + 0 * ${p}`

const offset = `(CASE WHEN regexp_matches(sf_plain(x), '[+-]\\d{2}:?\\d{2}$') THEN
  (regexp_extract(sf_plain(x), '([+-])(\\d{2}):?(\\d{2})$', 1) || '1')::INTEGER *
  (regexp_extract(sf_plain(x), '([+-])(\\d{2}):?(\\d{2})$', 2)::INTEGER * 60 +
   regexp_extract(sf_plain(x), '([+-])(\\d{2}):?(\\d{2})$', 3)::INTEGER)
  WHEN regexp_matches(sf_plain(x), 'Z$') THEN 0
  ELSE ((epoch(sf_plain(x)::TIMESTAMP) - epoch(sf_plain(x)::TIMESTAMPTZ)) / 60)::INTEGER END)`
const wall = `regexp_replace(sf_plain(x), '\\s*([+-]\\d{2}:?\\d{2}|Z)$', '')::TIMESTAMP`
const ZONED = 'STRUCT(utc TIMESTAMP, tz INTEGER)'
const utcOf = `CAST(struct_extract(TRY_CAST(x::VARCHAR AS ${ZONED}), 'utc') AS TIMESTAMP)`
const zoneOf = `CAST(struct_extract(TRY_CAST(x::VARCHAR AS ${ZONED}), 'tz') AS INTEGER)`
/** A TIMESTAMP_TZ, stored as its instant and its offset in minutes, in Snowflake's default format. */
const zonedText = `strftime(${utcOf} + to_minutes(${zoneOf}), '%Y-%m-%d %H:%M:%S.%g') || ' ' ||
  CASE WHEN ${zoneOf} < 0 THEN '-' ELSE '+' END || lpad((abs(${zoneOf}) // 60)::VARCHAR, 2, '0') || lpad((abs(${zoneOf}) % 60)::VARCHAR, 2, '0')`

/** DuckDB macros that mean what Snowflake's function of that name means, in order of need. */
export const macros: readonly string[] = [
  // Conversion. sf_plain is the text of any value, JSON strings without their quotes.
  `sf_plain(x) AS CASE WHEN typeof(x) = 'JSON' THEN to_json(x) ->> '$' ELSE x::VARCHAR END`,
  `sf_text(x) AS CASE
    WHEN typeof(x) = 'JSON' THEN to_json(x) ->> '$'
    WHEN typeof(x) = 'TIMESTAMP' THEN strftime(TRY_CAST(x::VARCHAR AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
    WHEN typeof(x) LIKE 'STRUCT(%utc%' THEN ${zonedText}
    WHEN typeof(x) = 'BLOB' THEN hex(encode(x::VARCHAR))
    ELSE x::VARCHAR END`,
  `sf_text_max(x, n) AS CASE WHEN length(sf_text(x)) > n
    THEN ${fail('100078', '22000', `'String ''' || sf_text(x) || ''' is too long and would be truncated'`)} ELSE sf_text(x) END`,
  `sf_to_varchar(x) AS sf_text(x)`,
  `sf_to_char(x) AS sf_text(x)`,
  ...['to_number', 'to_decimal', 'to_numeric'].map(
    (name) =>
      `sf_${name}(x) AS CAST(sf_plain(x) AS DECIMAL(38, 0)), (x, p) AS CAST(sf_plain(x) AS DECIMAL(38, 0)) + 0 * p::DECIMAL(38, 0), (x, p, s) AS ${numeric('x', 'p', 's')}`,
  ),
  ...['try_to_number', 'try_to_decimal', 'try_to_numeric'].map(
    (name) =>
      `sf_${name}(x) AS TRY_CAST(sf_plain(x) AS DECIMAL(38, 0)), (x, p, s) AS TRY_CAST(sf_plain(x) AS DECIMAL(38, 6))`,
  ),
  `sf_to_double(x) AS CAST(sf_plain(x) AS DOUBLE)`,
  `sf_try_to_double(x) AS TRY_CAST(sf_plain(x) AS DOUBLE)`,
  `sf_to_date(x) AS CAST(sf_plain(x) AS DATE)`,
  `sf_try_to_date(x) AS TRY_CAST(sf_plain(x) AS DATE)`,
  ...['to_timestamp', 'to_timestamp_ntz'].map(
    (name) => `sf_${name}(x) AS CASE WHEN regexp_matches(sf_plain(x), '^-?\\d+(\\.\\d+)?$')
      THEN make_timestamp((sf_plain(x)::DECIMAL(28, 6) * 1000000)::BIGINT) ELSE CAST(sf_plain(x) AS TIMESTAMP) END`,
  ),
  `sf_try_to_timestamp(x) AS TRY_CAST(sf_plain(x) AS TIMESTAMP)`,
  `sf_try_to_timestamp_ntz(x) AS TRY_CAST(sf_plain(x) AS TIMESTAMP)`,
  // DuckDB wants a colon in an offset with minutes.
  `sf_instant(x) AS regexp_replace(sf_plain(x), '\\s*([+-]\\d{2}):?(\\d{2})$', '\\1:\\2')`,
  `sf_to_timestamp_ltz(x) AS CAST(sf_instant(x) AS TIMESTAMPTZ)`,
  `sf_to_timestamp_tz(x) AS CASE WHEN x IS NULL THEN NULL
    WHEN typeof(x) LIKE 'STRUCT%' THEN TRY_CAST(x::VARCHAR AS ${ZONED})
    ELSE CAST({'utc': ${wall} - to_minutes(${offset}), 'tz': ${offset}} AS ${ZONED}) END`,
  `sf_to_time(x) AS CAST(sf_plain(x) AS TIME)`,
  `sf_to_boolean(x) AS CAST(sf_plain(x) AS BOOLEAN)`,
  `sf_try_to_boolean(x) AS TRY_CAST(sf_plain(x) AS BOOLEAN)`,
  // A binary stays as it is: its text is '\xAB…', which the cast reads again.
  `sf_to_binary(x) AS CASE WHEN typeof(x) = 'BLOB' THEN TRY_CAST(x::VARCHAR AS BLOB) ELSE unhex(sf_plain(x)) END, (x, f) AS CASE upper(f) WHEN 'UTF-8' THEN encode(sf_plain(x)) WHEN 'BASE64' THEN from_base64(sf_plain(x)) ELSE unhex(sf_plain(x)) END`,
  // Semi-structured values are JSON.
  `sf_to_variant(x) AS to_json(x)`,
  `sf_to_object(x) AS to_json(x)`,
  `sf_to_array(x) AS CASE WHEN json_type(to_json(x)) = 'ARRAY' THEN to_json(x) ELSE json_array(x) END`,
  `sf_to_json(x) AS to_json(x)::VARCHAR`,
  `sf_parse_json(x) AS CASE WHEN x IS NULL OR json_valid(x::VARCHAR) THEN json(x::VARCHAR)
    ELSE ${fail('100069', '22P02', `'Error parsing JSON: ' || x::VARCHAR`)}::JSON END`,
  `sf_try_parse_json(x) AS CASE WHEN json_valid(x::VARCHAR) THEN json(x::VARCHAR) END`,
  `sf_check_json(x) AS CASE WHEN json_valid(x::VARCHAR) THEN NULL ELSE 'invalid' END`,
  `sf_get_path(v, p) AS json_extract(to_json(v), CASE WHEN p[1] = '$' OR p[1] = '[' THEN '$' || ltrim(p, '$') ELSE '$.' || p END)`,
  `sf_get(v, k) AS json_extract(to_json(v), CASE WHEN typeof(k) = 'VARCHAR' THEN '$."' || k::VARCHAR || '"' ELSE '$[' || k::VARCHAR || ']' END)`,
  variadic('sf_object_construct', (args) => `json_merge_patch('{}'::JSON, ${pairs(args)})`, 2),
  variadic('sf_object_construct_keep_null', pairs, 2),
  variadic('sf_array_construct', (args) => `json_array(${args.join(', ')})`, 0),
  `sf_array_size(x) AS CASE WHEN json_type(to_json(x)) = 'ARRAY' THEN json_array_length(to_json(x))::BIGINT END`,
  `sf_array_contains(x, a) AS json_contains(to_json(a), to_json(x))`,
  `sf_array_to_string(a, s) AS array_to_string(from_json(to_json(a), '["VARCHAR"]'), s)`,
  `sf_object_keys(x) AS to_json(json_keys(to_json(x)))`,
  `sf_typeof(x) AS CASE json_type(to_json(x)) WHEN 'BIGINT' THEN 'INTEGER' WHEN 'UBIGINT' THEN 'INTEGER' WHEN 'DOUBLE' THEN 'DECIMAL' WHEN 'NULL' THEN 'NULL_VALUE' ELSE json_type(to_json(x)) END`,
  `sf_is_null_value(x) AS json_type(to_json(x)) = 'NULL'`,
  `sf_as_varchar(x) AS CASE WHEN json_type(to_json(x)) = 'VARCHAR' THEN sf_plain(x) END`,
  `sf_as_integer(x) AS CASE WHEN json_type(to_json(x)) LIKE '%BIGINT' THEN TRY_CAST(sf_plain(x) AS DECIMAL(38, 0)) END`,
  `sf_is_integer(x) AS json_type(to_json(x)) LIKE '%BIGINT'`,
  `sf_is_varchar(x) AS json_type(to_json(x)) = 'VARCHAR'`,
  // Numbers and conditions.
  `sf_div(a, b) AS CASE WHEN b = 0 THEN error('Division by zero') ELSE a / b END`,
  `sf_div0(a, b) AS CASE WHEN b = 0 THEN 0 ELSE a / b END`,
  `sf_div0null(a, b) AS CASE WHEN b = 0 OR b IS NULL THEN 0 ELSE a / b END`,
  `sf_zeroifnull(x) AS coalesce(x, 0)`,
  `sf_nullifzero(x) AS nullif(x, 0)`,
  `sf_nvl(a, b) AS coalesce(a, b)`,
  `sf_ifnull(a, b) AS coalesce(a, b)`,
  `sf_nvl2(a, b, c) AS CASE WHEN a IS NOT NULL THEN b ELSE c END`,
  `sf_equal_null(a, b) AS a IS NOT DISTINCT FROM b`,
  `sf_trunc(x) AS trunc(x), (x, s) AS trunc(x * 10 ** s) / 10 ** s`,
  `sf_truncate(x) AS trunc(x), (x, s) AS trunc(x * 10 ** s) / 10 ** s`,
  `sf_square(x) AS x * x`,
  // Text.
  `sf_length(s) AS CASE WHEN typeof(s) = 'BLOB' THEN octet_length(TRY_CAST(s AS BLOB)) ELSE length(s::VARCHAR) END`,
  `sf_len(s) AS sf_length(s)`,
  // No column has a collation here, so there is none to take off.
  `sf_collate(s, c) AS s::VARCHAR`,
  `sf_left(s, n) AS left(s::VARCHAR, greatest(n, 0)::BIGINT)`,
  `sf_right(s, n) AS right(s::VARCHAR, greatest(n, 0)::BIGINT)`,
  `sf_repeat(s, n) AS repeat(s::VARCHAR, greatest(n, 0)::BIGINT)`,
  `sf_space(n) AS repeat(' ', n::BIGINT)`,
  `sf_lpad(s, n) AS lpad(s::VARCHAR, n::INTEGER, ' '), (s, n, p) AS lpad(s::VARCHAR, n::INTEGER, p)`,
  `sf_rpad(s, n) AS rpad(s::VARCHAR, n::INTEGER, ' '), (s, n, p) AS rpad(s::VARCHAR, n::INTEGER, p)`,
  `sf_split(s, d) AS to_json(string_split(s::VARCHAR, d))`,
  `sf_split_part(s, d, n) AS split_part(s::VARCHAR, d, CASE WHEN n = 0 THEN 1 ELSE n END::BIGINT)`,
  `sf_strtok(s) AS split_part(s::VARCHAR, ' ', 1), (s, d) AS split_part(s::VARCHAR, d, 1), (s, d, n) AS nullif(split_part(s::VARCHAR, d, n::BIGINT), '')`,
  variadic('sf_concat', (args) => args.map((arg) => `sf_text(${arg})`).join(' || ')),
  variadic(
    'sf_concat_ws',
    ([first = 'a', ...rest]) => rest.map((arg) => `sf_text(${arg})`).join(` || ${first} || `),
    2,
  ),
  `sf_charindex(n, s) AS strpos(s::VARCHAR, n)`,
  `sf_startswith(s, p) AS starts_with(s::VARCHAR, p)`,
  `sf_endswith(s, p) AS ends_with(s::VARCHAR, p)`,
  `sf_contains(s, p) AS contains(s::VARCHAR, p)`,
  `sf_initcap(s) AS list_aggregate(list_transform(string_split(lower(s), ' '), w -> upper(w[1]) || w[2:]), 'string_agg', ' ')`,
  `sf_translate(s, a, b) AS translate(s::VARCHAR, a, b)`,
  `sf_editdistance(a, b) AS levenshtein(a, b)`,
  `sf_regexp_replace(s, p) AS regexp_replace(s::VARCHAR, p, '', 'g'), (s, p, r) AS regexp_replace(s::VARCHAR, p, r, 'g')`,
  `sf_regexp_substr(s, p) AS nullif(regexp_extract(s::VARCHAR, p), '')`,
  `sf_regexp_count(s, p) AS len(regexp_extract_all(s::VARCHAR, p))`,
  `sf_regexp_like(s, p) AS regexp_full_match(s::VARCHAR, p)`,
  `sf_rlike(s, p) AS regexp_full_match(s::VARCHAR, p)`,
  `sf_base64_encode(s) AS to_base64(encode(s::VARCHAR))`,
  `sf_hex_encode(s) AS hex(encode(s::VARCHAR))`,
  // Digests and identity.
  `sf_sha2(s) AS sha256(s::VARCHAR), (s, n) AS CASE n WHEN 256 THEN sha256(s::VARCHAR) WHEN 0 THEN sha256(s::VARCHAR) ELSE ${fail('000002', '0A000', `'Unsupported digest size ' || n::VARCHAR`)} END`,
  `sf_sha2_hex(s) AS sha256(s::VARCHAR)`,
  `sf_sha1(s) AS sha1(s::VARCHAR)`,
  `sf_sha1_hex(s) AS sha1(s::VARCHAR)`,
  `sf_md5(s) AS md5(s::VARCHAR)`,
  `sf_md5_hex(s) AS md5(s::VARCHAR)`,
  variadic('sf_hash', (args) => `(hash(${args.join(', ')}) >> 1)::BIGINT`),
  `sf_uuid_string() AS uuid()::VARCHAR`,
  // Dates.
  `sf_datediff(p, a, b) AS date_diff(p, sf_plain(a)::TIMESTAMP, sf_plain(b)::TIMESTAMP)`,
  `sf_dateadd(p, n, d) AS sf_plain(d)::TIMESTAMP + CASE p
    WHEN 'year' THEN to_years(n::INTEGER) WHEN 'quarter' THEN to_months(3 * n::INTEGER) WHEN 'month' THEN to_months(n::INTEGER)
    WHEN 'week' THEN to_days(7 * n::INTEGER) WHEN 'day' THEN to_days(n::INTEGER) WHEN 'hour' THEN to_hours(n::BIGINT)
    WHEN 'minute' THEN to_minutes(n::BIGINT) WHEN 'second' THEN to_seconds(n::DOUBLE)
    ELSE ${fail('001045', '22023', `'Unsupported date part ' || p`)}::INTERVAL END`,
  `sf_now() AS now()`,
  `sf_dayname(d) AS strftime(d, '%a')`,
  `sf_monthname(d) AS strftime(d, '%b')`,
  // Semi-structured rows.
  `sf_flatten(v) AS TABLE SELECT 1::BIGINT AS "SEQ",
    CASE WHEN json_type(to_json(v)) = 'ARRAY' THEN NULL ELSE e.key END AS "KEY",
    CASE WHEN json_type(to_json(v)) = 'ARRAY' THEN '[' || e.key || ']' ELSE e.key END AS "PATH",
    CASE WHEN json_type(to_json(v)) = 'ARRAY' THEN e.key::BIGINT END AS "INDEX",
    e.value AS "VALUE", to_json(v) AS "THIS" FROM json_each(to_json(v)) AS e`,
]
