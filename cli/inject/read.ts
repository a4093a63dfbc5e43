/** Manifests as kubectl reads them: YAML 1.1 or JSON, several documents, Lists taken apart. */

import { parseAllDocuments, stringify } from 'yaml'

import { CliError } from '../output.ts'

/** So that `0644` is octal and `yes` true, as for kubectl. */
const version = '1.1'

/** Errors: CliError with line and column of what is no YAML. */
export function readManifests(file: string, text: string): readonly unknown[] {
  const documents = parseAllDocuments(text, { version, prettyErrors: true })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined)
      throw new CliError(`${file} is not valid YAML: ${error.message.trim()}`)
    return items(document.toJS() as unknown)
  })
}

/** `items` of a List, which kubectl get prints for several objects. */
function items(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return []
  const { kind, items: list } = value as { readonly kind?: unknown; readonly items?: unknown }
  return kind === 'List' && Array.isArray(list) ? (list as readonly unknown[]) : [value]
}

export function writeManifests(values: readonly unknown[]): string {
  return values
    .map((value) => stringify(value, { version, aliasDuplicateObjects: false, lineWidth: 0 }))
    .join('---\n')
}
