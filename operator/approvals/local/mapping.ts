/** Values of which nothing is known yet. */

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The first field that is none of `known`, as JSON writes its name. */
export function unknownField(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
): string | undefined {
  const strange = Object.keys(value).find((name) => !known.includes(name))
  return strange === undefined ? undefined : JSON.stringify(strange)
}
