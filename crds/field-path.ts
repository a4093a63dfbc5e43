/** Steps from the root of an object to a field. */
export type FieldPath = readonly (string | number)[]

export interface FieldProblem {
  readonly path: FieldPath
  readonly message: string
  readonly advice: string
}

/** `spec.rules[1].action`; a name that is not a plain word is quoted. */
export function formatField(path: FieldPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`
      return index === 0 ? step : `.${step}`
    })
    .join('')
}

/** What is at `path`, or undefined. */
export function valueAt(root: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    return (value as Readonly<Record<string | number, unknown>>)[step]
  }, root)
}

/** A value as a message shows it: short and on one line. */
export function showValue(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
