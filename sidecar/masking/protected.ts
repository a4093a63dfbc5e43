/** Which columns of one relation the masking rules protect from a principal, and how. */

import { displayObject, matchesObject, matchesPart } from '../catalog/names.ts'
import type { CatalogRelation } from '../catalog/types.ts'
import type { ColumnTag } from '../catalog/types.ts'
import type { CompiledMask, TagPattern } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import { matchesSubject } from '../policy/subjects.ts'
import type { Protection } from './masked.ts'
import { strictest } from './strictest.ts'

/**
 * The rules that bind this principal: `subjects` are everyone if none is named. A token that names an
 * actor is an agent's, whoever its subject is: every rule binds it, because what frees a person from
 * masks must not flow to what acts for them.
 */
export function masksFor(
  masks: readonly CompiledMask[],
  principal: Principal,
): readonly CompiledMask[] {
  const { principals, lists } = bindingsOf(masks)
  const known = principals.get(principal)
  if (known !== undefined) return known
  // RFC 8693, 4.1: the subject is whom the token is about, `act` is who uses it.
  const acting = principal.claims['act'] !== undefined
  const binds = masks.map(
    (mask) =>
      acting ||
      ((mask.subjects.length === 0 || matchesSubject(principal, mask.subjects)) &&
        !matchesSubject(principal, mask.exceptFor)),
  )
  const key = binds.map(Number).join('')
  const binding = lists.get(key) ?? masks.filter((_mask, index) => binds[index])
  lists.set(key, binding)
  principals.set(principal, binding)
  return binding
}

/**
 * What is worked out for a list of rules is kept by the list's identity, so a principal has one
 * list, and those that the very same rules bind have it in common.
 */
interface Bindings {
  readonly principals: WeakMap<Principal, readonly CompiledMask[]>
  /** By a digit for each rule of the bundle: whether it binds. */
  readonly lists: Map<string, readonly CompiledMask[]>
}

const bindings = new WeakMap<readonly CompiledMask[], Bindings>()

function bindingsOf(masks: readonly CompiledMask[]): Bindings {
  const own = bindings.get(masks) ?? { principals: new WeakMap(), lists: new Map() }
  bindings.set(masks, own)
  return own
}

/**
 * Protected columns of a relation by stored name. `masks` are those of `masksFor`.
 * @throws FrostgateError TagsUnreadable
 */
export function protectedColumns(
  masks: readonly CompiledMask[],
  relation: CatalogRelation,
): ReadonlyMap<string, Protection> {
  const tagged = taggedColumns(masks, relation)
  const speaking = masks.flatMap((mask) => {
    const patterns = mask.columns.filter((pattern) => matchesObject(pattern, relation.name))
    const tags = tagged.get(mask)
    return patterns.length === 0 && tags === undefined ? [] : [{ mask, patterns, tags }]
  })
  if (speaking.length === 0) return new Map()
  return new Map(
    relation.columns.flatMap((column) => {
      const rules = speaking
        .filter(
          ({ patterns, tags }) =>
            patterns.some((pattern) => matchesPart(pattern.column, column.name)) ||
            tags?.has(column.name) === true,
        )
        .map(({ mask }) => protectionOf(mask))
      const protection = strictest(rules, column.type)
      return protection === undefined ? [] : [[column.name, protection] as const]
    }),
  )
}

function protectionOf({ name, method, usage }: CompiledMask): Protection {
  const why = `MaskingRule "${name}" alone speaks of it.`
  return { method, usage, rule: name, rules: [name], why }
}

/** By rule, the names of the columns that it protects by a tag. */
function taggedColumns(
  masks: readonly CompiledMask[],
  { name, tags }: CatalogRelation,
): ReadonlyMap<CompiledMask, ReadonlySet<string>> {
  const byTag = masks.filter((mask) => mask.tags.length > 0)
  if (byTag.length === 0) return new Map()
  if (tags === null) throw FrostgateError.of('TagsUnreadable', { object: displayObject(name) })
  return new Map(
    byTag.map((mask) => [
      mask,
      new Set(
        tags
          .filter((tag) => mask.tags.some((pattern) => matchesTag(pattern, tag)))
          .map(({ column }) => column),
      ),
    ]),
  )
}

function matchesTag(pattern: TagPattern, tag: ColumnTag): boolean {
  return (
    pattern.database === tag.database &&
    pattern.schema === tag.schema &&
    pattern.name === tag.name &&
    (pattern.value === null || pattern.value === tag.value)
  )
}
