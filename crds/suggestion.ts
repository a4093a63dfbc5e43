/**
 * The one of `known` that was probably meant by `given`, or undefined: equal but for case and
 * punctuation, or one or two typing slips away.
 */
export function suggest(given: string, known: readonly string[]): string | undefined {
  const plain = normalise(given)
  if (plain.length === 0 || plain.length > 64) return undefined
  const allowed = plain.length <= 3 ? 0 : plain.length <= 8 ? 1 : 2
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(plain, normalise(candidate)) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
  return ranked[0]?.candidate
}

function normalise(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Insertions, deletions, substitutions and swaps of neighbours, each at cost 1. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        (previous[column] ?? Infinity) + 1,
        (current[column - 1] ?? Infinity) + 1,
        (previous[column - 1] ?? Infinity) + (same ? 0 : 1),
        swapped ? (beforePrevious[column - 2] ?? Infinity) + 1 : Infinity,
      )
    }
    beforePrevious = previous
    previous = current
  }
  return previous[to.length] ?? Infinity
}
