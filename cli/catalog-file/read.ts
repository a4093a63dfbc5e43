/** A catalogue written down as YAML or JSON, in place of a live Snowflake; docs/cli.md shows it. */

import { formatField, showValue, type FieldPath } from '../../crds/field-path.ts'
import { parseIdentifier } from '../../operator/compile/patterns.ts'
import { readDocuments, type YamlDocument } from '../../operator/store/documents.ts'
import { sortProblems, type Problem } from '../../operator/store/problem.ts'
import {
  relationKey,
  type CatalogColumn,
  type CatalogRelation,
  type ColumnTag,
  type QualifiedName,
} from '../../sidecar/catalog/types.ts'
import { displayObject } from '../../sidecar/catalog/names.ts'
import { problemsError, readText } from '../configuration.ts'
import { parseTags, type WrittenTag } from './tags.ts'
import { parseType } from './types.ts'

export type Catalogue = ReadonlyMap<string, CatalogRelation>

/** By `relationKey`. Errors: CliError with every problem of the file. */
export async function readCatalogFile(file: string): Promise<Catalogue> {
  const read = parseCatalog(file, await readText(file))
  if ('problems' in read) throw problemsError(`catalogue ${file}`, read.problems)
  return read.relations
}

export type ParsedCatalog =
  { readonly relations: Catalogue } | { readonly problems: readonly Problem[] }

/** `file` is only for messages. */
export function parseCatalog(file: string, text: string): ParsedCatalog {
  const { documents, problems } = readDocuments(file, text)
  const reader = new Reader(problems)
  for (const document of documents) reader.document(document)
  if (documents.length === 0 && problems.length === 0) reader.empty(file)
  return reader.problems.length > 0
    ? { problems: sortProblems(reader.problems) }
    : { relations: reader.relations }
}

type Fields = Readonly<Record<string, unknown>>

class Reader {
  readonly relations = new Map<string, CatalogRelation>()
  readonly problems: Problem[]
  private locate: YamlDocument['locate'] = () => nowhere

  constructor(problems: readonly Problem[]) {
    this.problems = [...problems]
  }

  empty(file: string): void {
    this.locate = () => ({ ...nowhere, file })
    this.report([], 'holds no catalogue', 'Start it with "databases:".')
  }

  document({ value, locate }: YamlDocument): void {
    this.locate = locate
    const top = this.map([], value, ['apiVersion', 'kind', 'databases'])
    if (top === undefined) return
    const { kind, databases } = top
    if (kind !== undefined && kind !== 'Catalog') {
      this.report(['kind'], `${showValue(kind)} is not Catalog`, 'Write "kind: Catalog".')
    }
    if (databases === undefined) {
      this.report([], 'has no databases', 'Start it with "databases:".')
      return
    }
    for (const [database, schemas, atDatabase] of this.named(['databases'], databases)) {
      for (const [schema, relations, atSchema] of this.named(atDatabase, schemas)) {
        for (const [name, relation, at] of this.named(atSchema, relations)) {
          this.relation({ database, schema, name }, relation, at)
        }
      }
    }
  }

  private relation(name: QualifiedName, value: unknown, path: FieldPath): void {
    const fields = this.map(path, value, ['columns', 'view', 'tags', 'comment'])
    if (fields === undefined) return
    if (this.relations.has(relationKey(name))) {
      this.report(path, `${displayObject(name)} is described twice`, 'Remove one of them.')
      return
    }
    const { view } = fields
    if (view !== undefined && view !== null && typeof view !== 'string') {
      this.report([...path, 'view'], 'is not text', 'Write the query, or null if it is hidden.')
    }
    this.comment(fields, path)
    const described = this.named([...path, 'columns'], fields['columns']).flatMap(
      ([column, written, at]) => this.column(column, written, at),
    )
    if (described.length === 0 && fields['columns'] === undefined) {
      this.report(path, `${displayObject(name)} has no columns`, 'List them as NAME: TYPE.')
    }
    const tags = [
      ...this.tags(fields['tags'], [...path, 'tags']).flatMap((tag) =>
        described.map(({ column }) => ({ ...tag, column: column.name })),
      ),
      // A column's own tag wins over one that it inherits, as in Snowflake.
      ...described.flatMap(({ column, tags: own }) =>
        own.map((tag) => ({ ...tag, column: column.name })),
      ),
    ]
    this.relations.set(relationKey(name), {
      name,
      kind: Object.hasOwn(fields, 'view') ? 'view' : 'table',
      columns: described.map(({ column }) => column),
      body: typeof view === 'string' ? view : null,
      lastDdl: null,
      tags: [...new Map(tags.map((tag) => [tagKey(tag), tag])).values()],
      temporary: false,
    })
  }

  private column(
    name: string,
    written: unknown,
    path: FieldPath,
  ): readonly { readonly column: CatalogColumn; readonly tags: readonly WrittenTag[] }[] {
    const fields: Fields | undefined =
      typeof written === 'string'
        ? { type: written }
        : this.map(path, written, ['type', 'tags', 'comment'])
    if (fields === undefined) return []
    const { type } = fields
    if (typeof type !== 'string') {
      this.report(path, 'has no type', 'Write NAME: TYPE, or NAME: { type: TYPE, tags: … }.')
      return []
    }
    this.comment(fields, path)
    const parsed = parseType(type)
    if ('message' in parsed) {
      this.report(path, parsed.message, parsed.advice)
      return []
    }
    const column = { name, ...parsed }
    return [{ column, tags: this.tags(fields['tags'], [...path, 'tags']) }]
  }

  private tags(value: unknown, path: FieldPath): readonly WrittenTag[] {
    if (value === undefined) return []
    const map = this.map(path, value)
    return Object.entries(map ?? {}).flatMap(([name, tagValue]) => {
      const parsed = parseTags(name, tagValue)
      if (!('message' in parsed)) return [parsed]
      this.report([...path, name], parsed.message, parsed.advice)
      return []
    })
  }

  private comment({ comment }: Fields, path: FieldPath): void {
    if (comment === undefined || typeof comment === 'string') return
    this.report([...path, 'comment'], 'is not text', 'Put it in quotes.')
  }

  /** Entries of a map, each with its stored name and its place. */
  private named(
    path: FieldPath,
    value: unknown,
  ): readonly (readonly [name: string, value: unknown, path: FieldPath])[] {
    if (value === undefined || value === null) return []
    const seen = new Set<string>()
    return Object.entries(this.map(path, value) ?? {}).flatMap(([written, inner]) => {
      const at = [...path, written]
      const parsed = parseIdentifier(written)
      if ('value' in parsed && !seen.has(parsed.value)) {
        seen.add(parsed.value)
        return [[parsed.value, inner, at] as const]
      }
      if ('value' in parsed) {
        this.report(at, `${parsed.value} is there twice`, 'Unquoted names are folded; quote one.')
        return []
      }
      const advice = `Quote it as in SQL: '"${written.replaceAll('"', '""')}"'.`
      this.report(at, `${showValue(written)} is not an identifier`, advice)
      return []
    })
  }

  /** Undefined, and a problem, where `value` is no map. Without `known`, any keys. */
  private map(path: FieldPath, value: unknown, known?: readonly string[]): Fields | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.report(path, `${showValue(value)} is not a map of names`, 'See docs/cli.md.')
      return undefined
    }
    const unknown = Object.keys(value).find((key) => !(known ?? [key]).includes(key))
    if (unknown !== undefined) {
      const advice = `Fields are: ${(known ?? []).join(', ')}.`
      this.report([...path, unknown], 'is not a field of this object', advice)
    }
    return value as Fields
  }

  private report(path: FieldPath, message: string, advice: string): void {
    const place = this.locate(path)
    this.problems.push({ ...place, object: undefined, field: formatField(path), message, advice })
  }
}

const nowhere = { file: undefined, line: undefined, column: undefined } as const

function tagKey({ database, schema, name, column }: ColumnTag): string {
  return JSON.stringify([database, schema, name, column])
}
