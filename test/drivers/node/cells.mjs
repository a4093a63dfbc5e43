// The driver's values as text: comparable between drivers, or exact.
import { createHash } from 'node:crypto'

const json = new Set(['variant', 'object', 'array'])

/** Null for NULL, else text: numbers without trailing zeros, times in UTC, JSON with sorted keys. */
export function cell(value, type) {
  if (value === null || value === undefined) return null
  if (json.has(type)) return JSON.stringify(sorted(value))
  if (Buffer.isBuffer(value)) return value.toString('hex').toUpperCase()
  if (type === 'date') return value.toISOString().slice(0, 10)
  if (type.startsWith('timestamp')) return value.toISOString()
  return String(value)
}

/** What a program has in hand, to the last digit: the kind of value, and how the driver prints it. */
export function exactCell(value) {
  if (value === null || value === undefined) return null
  if (Buffer.isBuffer(value)) return `binary ${value.toString('hex')}`
  if (value instanceof Date) {
    // The driver's own Date: it keeps what a Date cannot.
    const { epochSeconds, nanoSeconds, scale, timezone } = internals(value)
    return `date ${value.toJSON()} ${epochSeconds}.${nanoSeconds} scale ${scale} at ${timezone}`
  }
  return `${typeof value} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`
}

function internals(value) {
  const call = (name) => (typeof value[name] === 'function' ? value[name]() : '')
  return {
    epochSeconds: call('getEpochSeconds'),
    nanoSeconds: call('getNanoSeconds'),
    scale: call('getScale'),
    timezone: call('getTimezone'),
  }
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

/** How many rows, and the SHA-256 of their cells: `a|b`, one row a line. */
export class Checksum {
  #rows = 0
  #digest = createHash('sha256')

  add(cells) {
    this.#rows += 1
    this.#digest.update(`${cells.map((text) => text ?? '').join('|')}\n`)
  }

  row() {
    return [String(this.#rows), this.#digest.digest('hex')]
  }
}
