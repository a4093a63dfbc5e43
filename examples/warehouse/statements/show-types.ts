import type { Column } from '../engine/catalogue.ts'
import { informationName, MAX_TEXT, type SnowType } from '../engine/types.ts'

function typeName(type: SnowType): string {
  if (type.kind === 'fixed') return 'FIXED'
  return type.kind === 'real' ? 'REAL' : informationName(type)
}

function details(type: SnowType, nullable: boolean): Readonly<Record<string, unknown>> {
  if (type.kind === 'fixed') return { precision: type.precision, scale: type.scale, nullable }
  if ('length' in type) {
    const byteLength = type.kind === 'text' ? Math.min(MAX_TEXT, type.length * 4) : type.length
    return { length: type.length, byteLength, nullable, fixed: false }
  }
  return 'scale' in type ? { precision: 0, scale: type.scale, nullable } : { nullable }
}

/** SHOW COLUMNS gives each type as a JSON object. */
export function columnDataType({ type, nullable }: Column): string {
  return JSON.stringify({ type: typeName(type), ...details(type, nullable) })
}
