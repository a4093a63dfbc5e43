/**
 * An error as Snowflake reports one: numeric code, SQLSTATE, and a text that quotes values.
 * The texts are deliberately as talkative as the real ones: a client must not rely on their silence.
 */
export class SnowflakeError extends Error {
  readonly code: string
  readonly sqlState: string
  readonly line: number
  readonly pos: number

  constructor(code: string, sqlState: string, message: string, line = -1, pos = -1) {
    super(message)
    this.name = 'SnowflakeError'
    this.code = code
    this.sqlState = sqlState
    this.line = line
    this.pos = pos
  }
}

/** 002003: the object is missing, or the role may not see it; Snowflake does not say which. */
export function objectMissing(kind: string, name: string): SnowflakeError {
  return new SnowflakeError(
    '002003',
    '02000',
    `SQL compilation error:\n${kind} '${name}' does not exist or not authorized.`,
  )
}

/** 002043: as 002003, but in statements that name an object to act on (USE, DROP, SHOW … IN). */
export function objectMissingForOperation(): SnowflakeError {
  return new SnowflakeError(
    '002043',
    '02000',
    'SQL compilation error:\nObject does not exist, or operation cannot be performed.',
  )
}

/** 002002: an object of that name is there already. */
export function objectExists(name: string): SnowflakeError {
  return new SnowflakeError(
    '002002',
    '42710',
    `SQL compilation error:\nObject '${name}' already exists.`,
  )
}

/** 001003: the parser stopped at `unexpected`. Positions are zero-based columns, as Snowflake's. */
export function syntaxError(line: number, position: number, unexpected: string): SnowflakeError {
  return new SnowflakeError(
    '001003',
    '42000',
    `SQL compilation error:\nsyntax error line ${line} at position ${position} unexpected '${unexpected}'.`,
    line,
    position,
  )
}

/** 000904: no such column, here. */
export function invalidIdentifier(name: string, line = 1, position = 0): SnowflakeError {
  return new SnowflakeError(
    '000904',
    '42000',
    `SQL compilation error: error line ${line} at position ${position}\ninvalid identifier '${name}'`,
    line,
    position,
  )
}

/** 000002: understood, but not part of this warehouse. */
export function unsupported(what: string): SnowflakeError {
  return new SnowflakeError('000002', '0A000', `Unsupported feature '${what}'.`)
}
