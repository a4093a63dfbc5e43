/** The columns of a shape by name: a wide relation may be asked for a hundred names. */

import type { Shape, Traced } from './types.ts'

export interface ShapeNames {
  readonly named: ReadonlyMap<string, readonly Traced[]>
  /** What a column may carry that is named by its text, or not listed: it may have any name. */
  readonly unnamed: readonly Traced[]
}

/** Shapes are never changed. */
const known = new WeakMap<Shape, ShapeNames>()

export function namesOf(shape: Shape): ShapeNames {
  let names = known.get(shape)
  if (names === undefined) {
    names = read(shape)
    known.set(shape, names)
  }
  return names
}

function read({ columns, known: complete, rest }: Shape): ShapeNames {
  const named = new Map<string, Traced[]>()
  const unnamed: Traced[] = []
  for (const { name, value } of columns) {
    if (name === null) {
      unnamed.push(value)
      continue
    }
    const others = named.get(name)
    if (others === undefined) named.set(name, [value])
    else others.push(value)
  }
  if (!complete) unnamed.push(rest)
  return { named, unnamed }
}
