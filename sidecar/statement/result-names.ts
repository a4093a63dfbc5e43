/** What Snowflake will call the columns of a result, where the text and the catalogue tell. */

import type { Resolution } from '../catalog/types.ts'
import { sourceText, type Parsed, type QueryBody, type SelectItem } from '../sql/index.ts'

/**
 * Null where it takes more than a look: a star over anything but one relation, `$1`, statements
 * that are no query.
 */
export function resultNames(
  parsed: Parsed,
  { objects }: Pick<Resolution, 'objects'>,
): readonly string[] | null {
  const { statement } = parsed
  let body: QueryBody | null = statement.kind === 'QueryStatement' ? statement.query.body : null
  // The first arm names the columns of all.
  while (body?.kind === 'SetOperation' || body?.kind === 'Query') {
    body = body.kind === 'Query' ? body.body : (body.arms[0] ?? null)
  }
  if (body?.kind !== 'Select') return null
  const [relation, ...more] = body.from
  const starred =
    more.length === 0 && relation?.kind === 'TableReference'
      ? objects.find(({ use }) => use.reference === relation)?.relation.columns
      : undefined
  const names: string[] = []
  for (const item of body.items) {
    const found = namesOf(
      parsed,
      item,
      starred?.map(({ name }) => name),
    )
    if (found === null) return null
    names.push(...found)
  }
  return names
}

function namesOf(
  parsed: Parsed,
  { alias, expression, span }: SelectItem,
  starred: readonly string[] | undefined,
): readonly string[] | null {
  if (alias !== undefined) return [alias.value]
  if (expression.kind === 'ColumnReference') {
    const last = expression.parts.at(-1)
    return last === undefined ? null : [last.value]
  }
  if (expression.kind === 'Positional') return null
  if (expression.kind !== 'Star') return [sourceText(parsed, span).toUpperCase()]
  const { ilike, exclude, replace, rename } = expression
  const plain = ilike === undefined && exclude.length + replace.length + rename.length === 0
  return plain ? (starred ?? null) : null
}
