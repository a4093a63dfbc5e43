/** What a schema error says to the author of a YAML file. */

import type { ErrorObject } from 'ajv'
import { showValue } from './field-path.ts'
import { suggest } from './suggestion.ts'

export interface Message {
  /** The field inside the one that the validator points to, such as an unknown or missing one. */
  readonly field?: string
  readonly message: string
  readonly advice: string
}

type Parameters = Readonly<Record<string, unknown>>

interface Context {
  readonly parameters: Parameters
  /** The value that is wrong. Shown only where it cannot be a secret. */
  readonly value: unknown
  /** Names of the fields that the enclosing schema knows. */
  readonly known: readonly string[]
  /** What the schema says of the field. */
  readonly description: string
}

const quantity =
  (one: string, many: string, bound: 'most' | 'least') =>
  ({ parameters }: Context): Message => ({
    message: `must have at ${bound} ${String(parameters['limit'])} ${parameters['limit'] === 1 ? one : many}`,
    advice: bound === 'most' ? 'Make it shorter.' : 'Leave the field out, or fill it.',
  })

const characters = ['character', 'characters'] as const
const entries = ['entry', 'entries'] as const

const range = ({ parameters, value }: Context): Message => ({
  message: `${showValue(value)} is out of range`,
  advice: `Write a number ${comparison(parameters)}.`,
})

const oneOf = (value: unknown, allowed: readonly string[]): Message => {
  const meant = typeof value === 'string' ? suggest(value, allowed) : undefined
  return {
    message: `${showValue(value)} is not one of ${allowed.join(', ')}`,
    advice: meant === undefined ? 'Write one of them.' : `Did you mean ${meant}?`,
  }
}

/** By JSON Schema keyword. */
const messages: Readonly<Record<string, (context: Context) => Message>> = {
  required: ({ parameters }) => ({
    field: String(parameters['missingProperty']),
    message: 'is missing',
    advice: 'It is required; add it.',
  }),
  additionalProperties: ({ parameters, known }) => {
    const name = String(parameters['additionalProperty'])
    const meant = suggest(name, known)
    return {
      field: name,
      message: 'is not a field of this object',
      advice:
        meant === undefined
          ? `Fields are: ${known.join(', ')}.`
          : `Did you mean ${meant}? Fields are: ${known.join(', ')}.`,
    }
  },
  type: ({ parameters, value }) => ({
    message: `is ${typeName(value)}, but must be ${withArticle(parameters['type'])}`,
    advice:
      parameters['type'] === 'string' && typeof value !== 'object'
        ? 'Put it in quotes.'
        : `Write ${withArticle(parameters['type'])}.`,
  }),
  const: ({ parameters, value }) => oneOf(value, [String(parameters['allowedValue'])]),
  enum: ({ parameters, value }) => oneOf(value, parameters['allowedValues'] as readonly string[]),
  pattern: ({ value, description }) => ({
    message: `${showValue(value)} does not have the form of this field`,
    advice: description,
  }),
  minimum: range,
  maximum: range,
  minLength: quantity(...characters, 'least'),
  maxLength: quantity(...characters, 'most'),
  minItems: quantity(...entries, 'least'),
  maxItems: quantity(...entries, 'most'),
  minProperties: quantity(...entries, 'least'),
  maxProperties: quantity(...entries, 'most'),
}

interface ParentSchema {
  readonly properties?: object
  readonly description?: string
}

/** @throws Error for a keyword without a text: the schemas use none such, which a test holds. */
export function schemaMessage(error: ErrorObject): Message {
  const write = messages[error.keyword]
  if (write === undefined) throw new Error(`No message for the keyword ${error.keyword}`)
  const parent = error.parentSchema as ParentSchema | undefined
  return write({
    parameters: error.params as Parameters,
    value: error.data,
    known: Object.keys(parent?.properties ?? {}),
    description: parent?.description ?? '',
  })
}

export const messageKeywords: ReadonlySet<string> = new Set(Object.keys(messages))

function comparison({ comparison: operator, limit }: Parameters): string {
  return operator === '>=' ? `from ${String(limit)} up` : `up to ${String(limit)}`
}

const articles: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty',
}

function withArticle(type: unknown): string {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type]
  return types.map((one) => articles[String(one)] ?? String(one)).join(' or ')
}

function typeName(value: unknown): string {
  if (value === null) return withArticle('null')
  return withArticle(Array.isArray(value) ? 'array' : typeof value)
}
