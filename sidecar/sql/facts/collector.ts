/** Where the parts of a statement put what they know. */

import type { Span, TargetName } from '../ast.ts'
import type {
  Effects,
  ObjectUse,
  StageUse,
  StatementClass,
  StatementFacts,
} from '../facts-types.ts'

type Lists = Omit<StatementFacts, 'kind' | 'class' | 'structured'>

/** Lists are filled in text order by `facts.ts`; definitions of statements call the methods. */
export class FactCollector implements Lists {
  readonly parts: StatementFacts['parts'][number][] = []
  readonly reads: StatementFacts['reads'][number][] = []
  readonly writes: ObjectUse[] = []
  readonly uses: ObjectUse[] = []
  readonly functions: StatementFacts['functions'][number][] = []
  readonly columns: StatementFacts['columns'][number][] = []
  readonly dynamic: StatementFacts['dynamic'][number][] = []
  readonly stages: StageUse[] = []
  readonly urls: StatementFacts['urls'][number][] = []
  readonly variables: string[] = []
  readonly assigns: string[] = []
  readonly parameters: string[] = []
  readonly granted: string[] = []
  readonly binds: string[] = []
  readonly timeTravel: Span[] = []
  readonly priorResults: Span[] = []
  readonly effects: { -readonly [K in keyof Effects]: boolean } = {
    persists: false,
    unloads: false,
    schedules: false,
  }
  /** By a stage's first token; few statements have any. */
  private stageAccess: Map<number, StageUse['access']> | undefined

  /** The object's rows or definition change. A dynamic name is a fact of its own. */
  write(name: TargetName | undefined, objectClass: string, privilege: string): void {
    if (name?.kind === 'ObjectName') this.writes.push({ name, objectClass, privilege })
  }

  /** The object is named for another purpose. */
  use(name: TargetName | undefined, objectClass: string, privilege: string): void {
    if (name?.kind === 'ObjectName') this.uses.push({ name, objectClass, privilege })
  }

  /** The stage at this token is not read but written to, listed or emptied. */
  stage(span: Span, access: StageUse['access']): void {
    this.stageAccess ??= new Map()
    this.stageAccess.set(span.start, access)
  }

  accessOf(span: Span): StageUse['access'] {
    return this.stageAccess?.get(span.start) ?? 'Read'
  }

  effect(name: keyof Effects): void {
    this.effects[name] = true
  }

  facts(kind: string, statementClass: StatementClass): StatementFacts {
    return {
      kind,
      class: statementClass,
      structured: true,
      parts: this.parts,
      reads: this.reads,
      writes: this.writes,
      uses: this.uses,
      functions: this.functions,
      columns: this.columns,
      dynamic: this.dynamic,
      stages: this.stages,
      urls: this.urls,
      variables: this.variables,
      assigns: this.assigns,
      parameters: this.parameters,
      granted: this.granted,
      binds: this.binds,
      timeTravel: this.timeTravel,
      priorResults: this.priorResults,
      effects: this.effects,
    }
  }
}
