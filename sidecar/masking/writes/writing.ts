/**
 * One statement that changes something, on its way to a plan: what its families share. A target's
 * columns are in reach as they are, so a protected one may not be named at all, and nothing that
 * carries a protected column may be kept.
 */

import { displayObject } from '../../catalog/names.ts'
import type {
  CatalogRelation,
  NameContext,
  QualifiedName,
  Resolution,
} from '../../catalog/types.ts'
import type { CompiledMask } from '../../control/bundle.ts'
import { FrostgateError } from '../../errors.ts'
import { isObject } from '../../json.ts'
import type { JsonObject } from '../../json.ts'
import { kindWords } from '../../policy/wording.ts'
import type { Expression, Identifier, Query, TargetName } from '../../sql/ast.ts'
import type { StatementFacts } from '../../sql/facts-types.ts'
import { positionOf } from '../../sql/index.ts'
import type { Parsed, Replacement } from '../../sql/index.ts'
import { foldIdentifier } from '../../sql/names.ts'
import { knownObject } from '../lineage/objects.ts'
import { clean, noTaint, unordered } from '../lineage/taint.ts'
import { outermost, startTracing } from '../lineage/trace.ts'
import type { Scope, Shape, Source, Surroundings, Traced, Tracer } from '../lineage/types.ts'
import type { MaskedColumn, MaskedRelation } from '../masked.ts'
import { checkUse, columnName, useRefused } from '../strict.ts'

export interface WriteSetting {
  readonly parsed: Parsed
  readonly facts: StatementFacts
  readonly resolution: Resolution
  readonly context: NameContext
  /** As the client sent them, by name: `{type, value}`, a value of several rows being a list. */
  readonly bindings: JsonObject | undefined
  /** Rules that bind the principal. */
  readonly binding: readonly CompiledMask[]
  /** All rules: a name that is changed is changed for everyone. */
  readonly all: readonly CompiledMask[]
  readonly maskedOf: (relation: CatalogRelation) => MaskedRelation
  readonly surroundings: Surroundings
  /** Relations read. */
  readonly relations: readonly MaskedRelation[]
  /** Nothing protected is read or written, so no value needs to be traced. */
  readonly harmless: boolean
}

/** A table that the statement changes. */
export interface Target {
  readonly name: QualifiedName
  /** Null: there is none, or it cannot be seen. */
  readonly masked: MaskedRelation | null
}

/** A protected column of a target, or a name that may mean one. */
interface RawName {
  readonly column: MaskedColumn
  readonly token: number
  readonly untraced: string | null
}

export class Writing {
  readonly setting: WriteSetting
  readonly tracer: Tracer
  readonly replacements: Replacement[] = []
  /** What the statement is called in refusals. */
  readonly words: string
  private readonly kept: Traced[] = []
  private readonly raw = new Set<MaskedColumn>()
  private readonly rawNamed: RawName[] = []
  private binds: ReadonlyMap<string, readonly string[]> | undefined

  constructor(setting: WriteSetting) {
    this.setting = setting
    this.words = kindWords(setting.parsed.statement, setting.facts)
    this.tracer = startTracing({
      ...setting.surroundings,
      named: ({ taint, untraced }) => {
        for (const [column, token] of taint) {
          if (this.raw.has(column)) this.rawNamed.push({ column, token, untraced })
        }
      },
    })
  }

  /** What a name of the statement means, which the catalogue was asked. */
  target(name: TargetName): Target {
    const { resolution, maskedOf } = this.setting
    const found = resolution.targets.find(({ use }) => use.name === name)
    if (found === undefined) throw new Error('a target of a statement was not looked up')
    const { relation } = found
    return { name: found.name, masked: relation === null ? null : maskedOf(relation) }
  }

  /** As the statement's own expressions see a target: nothing of it is masked there. */
  source({ name, masked }: Target, alias: Identifier | undefined): Source {
    const parts = [name.database, name.schema, name.name]
    const columns = new Map(
      [...(masked?.columns ?? [])].map(([stored, column]): [string, MaskedColumn] => {
        const raw: MaskedColumn = { ...column, usage: 'Strict' }
        this.raw.add(raw)
        return [stored, raw]
      }),
    )
    const known =
      masked === null
        ? undefined
        : knownObject({ ...masked, columns }, { rewritten: false, hidden: noTaint })
    return {
      names: alias === undefined ? parts : [alias.value],
      shape: known?.shape ?? unordered([], clean),
      standIn: null,
      closed: false,
    }
  }

  query(query: Query, scope: Scope = outermost): Shape {
    return this.tracer.query(query, scope)
  }

  /** The value of an expression will be stored. */
  keep(expression: Expression, scope: Scope = outermost): void {
    this.kept.push(this.tracer.expression(expression, scope))
  }

  keepValue(value: Traced): void {
    this.kept.push(value)
  }

  predicate(usage: string, condition: Expression | undefined, scope: Scope): void {
    if (condition === undefined) return
    this.tracer.useAs('Predicate', usage, this.tracer.expression(condition, scope))
  }

  /** The texts that a bind stands for; which of two names of one fold is meant, is not relied on. */
  bound(name: string): readonly string[] {
    this.binds ??= textsByName(this.setting.bindings ?? {})
    return this.binds.get(foldIdentifier(name)) ?? []
  }

  unsupported(kind = this.words): never {
    throw FrostgateError.of('StatementUnsupported', { kind })
  }

  position(token: number): { readonly line: number; readonly column: number } {
    return positionOf(this.setting.parsed, Math.max(token, 0))
  }

  /**
   * What was traced, judged.
   * @throws FrostgateError ColumnUseRefused, ColumnUnresolvable, PersistRefused
   */
  finish(): void {
    const { relations } = this.setting
    const [raw] = this.rawNamed.toSorted((a, b) => a.token - b.token)
    if (raw !== undefined) {
      const { column, token, untraced } = raw
      const use = this.tracer.uses.find(({ usage, value }) => usage && value.taint.has(column))
      const usage = use?.usage ?? `a value of ${this.words}`
      const position = this.position(token)
      if (untraced === null) throw useRefused(column, usage, position, relations)
      const object = displayObject(column.relation.name)
      throw FrostgateError.of('ColumnUnresolvable', { column: untraced, usage, object }, position)
    }
    const [kept] = this.kept.flatMap(({ taint }) => [...taint]).toSorted(([, a], [, b]) => a - b)
    if (kept !== undefined) throw this.persistRefused(...kept)
    checkUse(this.tracer.uses, (token) => this.position(token), relations)
  }

  persistRefused(column: MaskedColumn, token: number): FrostgateError {
    return FrostgateError.of(
      'PersistRefused',
      { statement: this.words, column: columnName(column), rule: column.rule },
      this.position(token),
    )
  }
}

function textsByName(bindings: JsonObject): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const [name, bind] of Object.entries(bindings)) {
    const sent: unknown = isObject(bind) ? bind['value'] : undefined
    const cells: readonly unknown[] = Array.isArray(sent) ? sent : [sent]
    const folded = foldIdentifier(name)
    const texts = found.get(folded) ?? []
    for (const cell of cells) if (typeof cell === 'string') texts.push(cell)
    found.set(folded, texts)
  }
  return found
}
