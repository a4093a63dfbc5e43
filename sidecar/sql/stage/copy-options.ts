/** Options that COPY INTO takes both ways: file formats, integrations. */

import type { Property } from '../ast.ts'
import { recordNamedObjects } from '../ddl/named-objects.ts'
import type { FactCollector } from '../facts/collector.ts'
import { namedBy } from '../facts/named-by.ts'
import type { Parser } from '../parser/parser.ts'
import { options } from './options.ts'
import type { OptionNames } from './options.ts'

/** Options whose values name objects; `INCLUDE_METADATA` holds columns of any name. */
const naming: ReadonlySet<string> = new Set(['FILE_FORMAT', 'STORAGE_INTEGRATION'])

/** As `options`, and what names an object must be a name. */
export function copyOptions(
  p: Parser,
  names: OptionNames,
  given: readonly Property[] = [],
): readonly Property[] {
  const found = options(p, names, given)
  for (const { value } of found.filter(namesObject).flatMap(withFormatName)) {
    if (value?.kind !== 'Literal' || namedBy(value) !== undefined) continue
    p.index = value.span.start
    p.fail('the name of a file format or an integration')
  }
  return found
}

export function recordCopyOptions(given: readonly Property[], facts: FactCollector): void {
  recordNamedObjects(given.filter(namesObject), facts)
}

function namesObject({ name }: Property): boolean {
  return naming.has(name)
}

/** `FILE_FORMAT = f` and `FILE_FORMAT = (FORMAT_NAME = f …)`, each as one option with one value. */
function withFormatName(option: Property): readonly Property[] {
  if (option.value?.kind !== 'PropertyList') return [option]
  return option.value.items
    .filter((item) => item.kind === 'Property')
    .filter(({ name }) => name === 'FORMAT_NAME')
}
