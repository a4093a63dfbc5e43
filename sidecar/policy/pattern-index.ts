/** What is kept by object patterns, found by name without asking every pattern. */

import type { ObjectPattern } from '../control/bundle.ts'

/** A name of which parts may not be known: null. */
export interface KnownParts {
  readonly database: string | null
  readonly schema: string | null
  readonly name: string | null
}

/**
 * How a part that is not known is met: `any` by every pattern, since it may be that one; `star` only
 * by `*`.
 */
export type UnknownParts = 'any' | 'star'

/** Of a pattern part, null is `*`, here as in patterns. */
type Level<T> = Map<string | null, T>

export class PatternIndex<T> {
  private readonly databases: Level<Level<Level<T[]>>> = new Map()
  private count = 0

  get empty(): boolean {
    return this.count === 0
  }

  add({ database, schema, name }: ObjectPattern, item: T): void {
    this.count += 1
    const schemas = grow(this.databases, database, () => new Map() as Level<Level<T[]>>)
    const names = grow(schemas, schema, () => new Map() as Level<T[]>)
    grow(names, name, (): T[] => []).push(item)
  }

  /**
   * Lists of the items whose pattern meets `parts`, each list in the order of adding.
   * @param skipAnyDatabase leaves out patterns whose database is `*`.
   */
  find(parts: KnownParts, unknown: UnknownParts, skipAnyDatabase = false): readonly T[][] {
    const found: T[][] = []
    for (const schemas of at(this.databases, parts.database, unknown, skipAnyDatabase)) {
      for (const names of at(schemas, parts.schema, unknown)) {
        found.push(...at(names, parts.name, unknown))
      }
    }
    return found
  }
}

function grow<T>(level: Level<T>, key: string | null, make: () => T): T {
  const known = level.get(key)
  if (known !== undefined) return known
  const made = make()
  level.set(key, made)
  return made
}

function at<T>(
  level: Level<T>,
  part: string | null,
  unknown: UnknownParts,
  skipStar = false,
): readonly T[] {
  if (part === null && unknown === 'any') {
    return [...level].flatMap(([key, next]) => (skipStar && key === null ? [] : [next]))
  }
  const found: T[] = []
  const own = part === null ? undefined : level.get(part)
  const star = skipStar ? undefined : level.get(null)
  if (own !== undefined) found.push(own)
  if (star !== undefined) found.push(star)
  return found
}
