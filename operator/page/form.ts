/** Forms as the page's own pages send them; anything else is none of ours. */

/** Undefined unless each field is there once, and no other. */
export function readForm<Field extends string>(
  body: string,
  fields: readonly Field[],
): Readonly<Record<Field, string>> | undefined {
  const given = [...new URLSearchParams(body)]
  const names = new Set(given.map(([name]) => name))
  const isExact = given.length === fields.length && fields.every((field) => names.has(field))
  return isExact ? (Object.fromEntries(given) as Record<Field, string>) : undefined
}
