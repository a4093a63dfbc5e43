/** Names that options give. */

import type { Identifier, PropertyValue, TargetName } from '../ast.ts'
import { spelledParts } from '../parser/names.ts'

/** `FILE_FORMAT = f` and `FILE_FORMAT = 'db.s.f'` name the same thing. */
export function namedBy(value: PropertyValue | undefined): TargetName | undefined {
  if (value?.kind === 'ObjectName' || value?.kind === 'DynamicName') return value
  if (value?.kind !== 'Literal' || value.type !== 'string') return undefined
  const { span } = value
  const parts = spelledParts(value.value)?.map((part): Identifier => {
    return { kind: 'Identifier', span, value: part, quoted: true }
  })
  return parts && { kind: 'ObjectName', span, parts }
}
