/** What is behind the columns of views: the columns of the tables that their bodies read. */

import { qualify } from '../../catalog/names.ts'
import { relationKey } from '../../catalog/types.ts'
import type { CatalogRelation, RelationMap } from '../../catalog/types.ts'
import type { TableReference } from '../../sql/ast.ts'
import { factsOf, parseQuery } from '../../sql/index.ts'
import { partsOf } from '../../sql/names.ts'
import { startTracing, outermost } from '../lineage/trace.ts'
import type { MaskedColumn } from '../masked.ts'
import { orNull } from './relations.ts'
import type { Relations } from './relations.ts'

interface Body {
  /** By the view's own column. */
  readonly columns: ReadonlyMap<string, ReadonlySet<MaskedColumn>>
  /** All that the body names, predicates and the like included. */
  readonly named: ReadonlySet<MaskedColumn>
  /** Not shown by any column, so used whenever the view is read. */
  readonly predicates: ReadonlySet<MaskedColumn>
  readonly views: readonly CatalogRelation[]
}

export class BehindViews {
  private readonly map: RelationMap
  private readonly relations: Relations
  private readonly bodies = new Map<string, Body | null>()

  constructor(map: RelationMap, relations: Relations) {
    this.map = map
    this.relations = relations
  }

  /** Down to the tables; views between are told, too. */
  behind(column: MaskedColumn): ReadonlySet<MaskedColumn> {
    const found = new Set<MaskedColumn>()
    const open = [column]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const base of this.below(next)) {
        if (found.has(base)) continue
        found.add(base)
        open.push(base)
      }
    }
    return found
  }

  /** What reading a view at all uses, whichever of its columns are named. */
  inPredicates(relation: CatalogRelation): ReadonlySet<MaskedColumn> {
    const found = new Set<MaskedColumn>()
    const seen = new Set<CatalogRelation>()
    const open = [relation]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      const body = this.body(next)
      for (const column of body?.predicates ?? []) {
        found.add(column)
        for (const base of this.behind(column)) found.add(base)
      }
      open.push(...(body?.views ?? []))
    }
    return found
  }

  private below({ relation, column }: MaskedColumn): ReadonlySet<MaskedColumn> {
    const body = this.body(relation)
    return body?.columns.get(column.name) ?? body?.named ?? none
  }

  private body(relation: CatalogRelation): Body | null {
    if (relation.kind !== 'view' || relation.body === null) return null
    const key = relationKey(relation.name)
    let body = this.bodies.get(key)
    if (body === undefined) {
      // A view that leads to itself meets this entry.
      this.bodies.set(key, null)
      body = this.read(relation, relation.body)
      this.bodies.set(key, body)
    }
    return body
  }

  private read(view: CatalogRelation, text: string): Body | null {
    const parsed = orNull(() => parseQuery(text))
    if (parsed?.statement.kind !== 'QueryStatement') return null
    const { query } = parsed.statement
    const read = new Map<TableReference, CatalogRelation>()
    for (const { name, reference } of factsOf(parsed.statement).reads) {
      const relation = this.map.get(relationKey(qualify(partsOf(name), view.name)))
      if (relation) read.set(reference, relation)
    }
    const named = new Set<MaskedColumn>()
    const tracer = startTracing({
      objectOf: (reference) => {
        const relation = read.get(reference)
        return relation && this.relations.object(relation)
      },
      named: ({ taint }) => {
        for (const column of taint.keys()) named.add(column)
      },
      requalify: () => undefined,
    })
    const shape = orNull(() => tracer.query(query, outermost))
    const views = [...new Set(read.values())]
    const fits = shape?.known === true && shape.columns.length === view.columns.length
    if (!fits) {
      const all = new Set(views.flatMap((relation) => this.relations.columns(relation)))
      return { columns: new Map(), named: all, predicates: all, views }
    }
    const columns = new Map(
      view.columns.map(({ name }, index) => [
        name,
        new Set(shape.columns[index]?.value.taint.keys() ?? []),
      ]),
    )
    const predicates = new Set(tracer.uses.flatMap(({ value }) => [...value.taint.keys()]))
    return { columns, named, predicates, views }
  }
}

const none: ReadonlySet<MaskedColumn> = new Set()
