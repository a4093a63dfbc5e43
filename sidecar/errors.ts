/** Errors as the client sees them; what each one says is in `errors/catalogue.ts`. */

import { errorCatalogue } from './errors/catalogue.ts'

export { errorCatalogue }

export type ErrorName = keyof typeof errorCatalogue

type Placeholders<S extends string> = S extends `${string}{${infer P}}${infer Rest}`
  ? P | Placeholders<Rest>
  : never

type Catalogue = typeof errorCatalogue
/** The parameters that an entry's text and advice name. */
export type ErrorParameters<N extends ErrorName> = Readonly<
  Record<Placeholders<Catalogue[N]['text']> | Placeholders<Catalogue[N]['advice']>, string | number>
>

export interface ErrorOptions {
  readonly cause?: unknown
  /** An upstream error keeps Snowflake's own code and SQLSTATE. */
  readonly code?: string
  readonly sqlState?: string
  /** Position in the client's SQL text, from 1. */
  readonly line?: number
  readonly column?: number
}

/** A refusal or failure that is shown to the client. `message` is safe to show and to record. */
export class FrostgateError extends Error {
  readonly entry: ErrorName
  readonly code: string
  readonly sqlState: string
  readonly line: number | undefined
  readonly column: number | undefined

  private constructor(entry: ErrorName, message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'FrostgateError'
    this.entry = entry
    this.code = options.code ?? errorCatalogue[entry].code
    this.sqlState = options.sqlState ?? errorCatalogue[entry].sqlState
    this.line = options.line
    this.column = options.column
  }

  static of<N extends ErrorName>(
    entry: N,
    parameters: ErrorParameters<N>,
    options: ErrorOptions = {},
  ): FrostgateError {
    const { text, advice } = errorCatalogue[entry]
    const message = `${fill(text, parameters)} ${fill(advice, parameters)}`.trim()
    // A message is one screen at most: drivers, ORMs and agents print it whole.
    const short = message.slice(0, 3900)
    // Snowflake's own text stays as it is: tools match on it.
    return new FrostgateError(
      entry,
      text === '{message}' ? short : `${short} [Frostgate ${entry}]`,
      options,
    )
  }
}

function fill(template: string, parameters: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) =>
    clean(String(parameters[name] ?? '')),
  )
}

/** Parameters may hold what a client wrote: no control or invisible characters in a message or a log. */
function clean(value: string): string {
  return value.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    '\u{fffd}',
  )
}

/** Whatever was thrown, as an error that may be shown: what is not ours becomes an incident. */
export function toFrostgateError(thrown: unknown, incident: string): FrostgateError {
  if (thrown instanceof FrostgateError) return thrown
  return FrostgateError.of('InternalError', { incident }, { cause: thrown })
}
