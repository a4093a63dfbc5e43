/** The lines that differ between two texts, with some around them. */

import type { Marks } from '../../sidecar/recording/render.ts'

type Line = readonly [mark: ' ' | '+' | '-', text: string]

const around = 3

/** Empty if nothing differs. `…` stands for lines that are the same. */
export function diff(before: string, after: string, marks: Marks): readonly string[] {
  const lines = compare(before.split('\n'), after.split('\n'))
  const changed = lines.flatMap(([mark], index) => (mark === ' ' ? [] : [index]))
  const near = new Set(
    changed.flatMap((index) =>
      Array.from({ length: 2 * around + 1 }, (_, offset) => index - around + offset),
    ),
  )
  return lines.flatMap(([mark, text], index) => {
    if (!near.has(index)) return near.has(index - 1) && index > 0 ? [marks.faint('…')] : []
    const line = `${mark} ${text}`
    return [mark === '+' ? marks.good(line) : mark === '-' ? marks.bad(line) : line]
  })
}

/** By the longest common subsequence; manifests have some hundred lines. */
function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  const longest = table(before, after)
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]]
    if (old !== undefined && old === now) {
      lines.push([' ', old])
      ;[i, j] = [i + 1, j + 1]
    } else if (old !== undefined && at(longest, i + 1, j) >= at(longest, i, j + 1)) {
      lines.push(['-', old])
      i += 1
    } else if (now !== undefined) {
      lines.push(['+', now])
      j += 1
    } else break
  }
  return lines
}

/** How many lines are common from here on. */
function table(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1))
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const row = rows[i]
      if (row === undefined) continue
      row[j] =
        before[i] === after[j]
          ? at(rows, i + 1, j + 1) + 1
          : Math.max(at(rows, i + 1, j), at(rows, i, j + 1))
    }
  return rows
}

function at(rows: readonly Uint32Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0
}
