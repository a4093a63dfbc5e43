/** What rules name and the catalogue does not have, and masks that fit no value. */

import { displayPattern, matchesColumn, matchesObject } from '../../sidecar/catalog/names.ts'
import { printType } from '../../sidecar/masking/column-types.ts'
import { maskOf } from '../../sidecar/masking/methods/index.ts'
import { protectedColumns } from '../../sidecar/masking/protected.ts'
import type { CatalogRelation } from '../../sidecar/catalog/types.ts'
import type { ColumnPattern, ObjectPattern } from '../../sidecar/control/bundle.ts'
import { displayObject } from '../../sidecar/catalog/names.ts'
import { printName } from '../../sidecar/sql/names.ts'
import { placeOfMask, placeOfRule, ruleSubject, type Check, type Finding } from './finding.ts'

export const unmatchedPatterns: Check = (input) => {
  const { bundle, relations } = input
  if (relations === undefined) return []
  return bundle.policies.flatMap((policy) =>
    policy.rules.flatMap((rule) => {
      const finding = (field: string, pattern: string): Finding => ({
        severity: 'warning',
        check: 'matches-nothing',
        subject: ruleSubject(policy, rule.name),
        place: placeOfRule(input, policy, rule.name, [field]),
        message: `${pattern} matches nothing in the catalogue`,
        advice: 'Correct it, or remove it.',
        paste: null,
      })
      return [
        ...rule.objects
          .filter((pattern) => !relations.some((each) => matchesObject(pattern, each.name)))
          .map((pattern) => finding('objects', displayPattern(pattern))),
        ...rule.columns
          .filter((pattern) => !hasColumn(relations, pattern))
          .map((pattern) => finding('columns', displayColumn(pattern))),
      ]
    }),
  )
}

export const unmatchedMasks: Check = (input) => {
  const { bundle, relations } = input
  if (relations === undefined) return []
  return bundle.masks.flatMap((mask): readonly Finding[] => {
    const common = {
      check: 'mask-matches-nothing',
      subject: `MaskingRule ${mask.name}`,
      paste: null,
    } as const
    const columns = mask.columns
      .filter((pattern) => !hasColumn(relations, pattern))
      .map((pattern): Finding => {
        const named = isNamed(pattern)
        return {
          ...common,
          severity: named ? 'error' : 'warning',
          place: placeOfMask(input, mask, ['spec', 'columns']),
          message: `${displayColumn(pattern)} is no column in the catalogue${named ? ', so its schema is closed to whom the rule masks' : ''}`,
          advice: 'Correct the name, or remove it.',
        }
      })
    const tagged = mask.tags.length > 0 && mask.columns.length === 0
    const idle = tagged && relations.every((each) => protectedColumns([mask], each).size === 0)
    return idle
      ? [
          {
            ...common,
            severity: 'warning',
            place: placeOfMask(input, mask, ['spec', 'tags']),
            message: 'no column in the catalogue carries any of its tags',
            advice:
              'Correct the tags, set them in Snowflake, or write them into the catalogue file.',
          },
        ]
      : columns
  })
}

export const impossibleMasks: Check = (input) => {
  const { bundle, relations } = input
  return bundle.masks.flatMap((mask) =>
    (relations ?? []).flatMap((relation) => {
      const matched = protectedColumns([mask], relation)
      return relation.columns
        .filter(({ name, type }) => matched.has(name) && !maskOf(mask.method).accepts(type))
        .map(({ name, type }): Finding => ({
          severity: 'error',
          check: 'mask-impossible',
          subject: `MaskingRule ${mask.name}`,
          place: placeOfMask(input, mask, ['spec', 'mask']),
          message: `${mask.method.kind} gives no valid value for ${displayObject(relation.name)}.${printName([name])} of type ${printType(type)}, so reading it is refused`,
          advice: 'Give such columns a rule of their own; "null" fits every type.',
          paste: null,
        }))
    }),
  )
}

function hasColumn(relations: readonly CatalogRelation[], pattern: ColumnPattern): boolean {
  return relations.some(({ name, columns }) =>
    columns.some((column) => matchesColumn(pattern, name, column.name)),
  )
}

function isNamed({ database, schema, name, column }: ColumnPattern): boolean {
  return [database, schema, name, column].every((part) => part !== null)
}

function displayColumn(pattern: ColumnPattern & ObjectPattern): string {
  return `${displayPattern(pattern)}.${pattern.column === null ? '*' : printName([pattern.column])}`
}
