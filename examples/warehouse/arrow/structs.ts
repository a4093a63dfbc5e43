import { instantParts, type Physical, type StructKind, unscaled } from './physical.ts'

const zone = (cell: string): number => Number(cell.split(' ')[1] ?? 1440)
const instant = (cell: string): string => cell.split(' ')[0] ?? ''

/** A cell as a whole number of its type's smallest unit. */
export const units = (cell: string): bigint => BigInt(unscaled(instant(cell)))

/** A member of a struct layout; drivers go by their order or by their names. */
export type Child = readonly [name: string, bits: 32 | 64, value: (cell: string) => bigint]

const structs: Readonly<Record<StructKind, readonly Child[]>> = {
  epochFraction: [
    ['epoch', 64, (cell) => instantParts(cell)[0]],
    ['fraction', 32, (cell) => instantParts(cell)[1]],
  ],
  epochZone: [
    ['epoch', 64, units],
    ['timezone', 32, (cell) => BigInt(zone(cell))],
  ],
  epochFractionZone: [
    ['epoch', 64, (cell) => instantParts(instant(cell))[0]],
    ['fraction', 32, (cell) => instantParts(instant(cell))[1]],
    ['timezone', 32, (cell) => BigInt(zone(cell))],
  ],
}

const isStruct = (physical: Physical): physical is StructKind => Object.hasOwn(structs, physical)

/** The members of a struct layout; undefined for the flat ones. */
export function childrenOf(physical: Physical): readonly Child[] | undefined {
  return isStruct(physical) ? structs[physical] : undefined
}
