/** Facts as lines of text with their place: two statements with the same lines mean the same. */

import type { Span } from '../ast.ts'
import type { ObjectUse, StatementFacts } from '../facts-types.ts'
import { partsOf, printName } from '../names.ts'

export interface FactLine {
  readonly text: string
  readonly span: Span
}

export function factLines(facts: StatementFacts): readonly FactLine[] {
  // The kind is the whole statement's, which may grow at its end: an alias of its last item.
  const start = { start: 0, end: 0 }
  return [
    { text: `kind ${facts.kind} ${facts.class} ${facts.structured}`, span: start },
    ...Object.entries(facts.effects).map(([name, value]) => ({
      text: `effect ${name} ${String(value)}`,
      span: start,
    })),
    ...facts.parts.map((part) => ({
      text: `part ${part.kind} ${part.class} ${part.structured}`,
      span: { start: part.span.start, end: part.span.start },
    })),
    ...facts.reads.map(({ name }) => ({
      text: `read ${printName(partsOf(name))}`,
      span: name.span,
    })),
    ...facts.writes.map((use) => object('write', use)),
    ...facts.uses.map((use) => object('use', use)),
    ...facts.functions.map(({ name, type, span }) => ({
      text: `call ${printName(name)} ${type}`,
      span,
    })),
    ...facts.columns.map(({ name, span }) => ({ text: `column ${printName(name)}`, span })),
    ...facts.dynamic.map(({ what, span }) => ({ text: `dynamic ${what}`, span })),
    ...[...facts.parameters, ...facts.granted].map((text) => ({
      text: `names ${text}`,
      span: start,
    })),
    ...facts.stages.map(({ name, access, span }) => ({ text: `stage ${name} ${access}`, span })),
    ...facts.urls.map(({ url, span }) => ({ text: `url ${url}`, span })),
    ...facts.timeTravel.map((span) => ({ text: 'time travel', span })),
    ...facts.priorResults.map((span) => ({ text: 'prior result', span })),
  ]
}

function object(what: string, { name, objectClass, privilege }: ObjectUse): FactLine {
  return {
    text: `${what} ${objectClass} ${privilege} ${printName(partsOf(name))}`,
    span: name.span,
  }
}
