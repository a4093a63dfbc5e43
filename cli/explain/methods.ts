/** Mask methods in words. */

import type { MaskKey, MaskMethod } from '../../sidecar/control/bundle.ts'

type Words = { readonly [M in MaskMethod as M['kind']]: (method: M) => string }

const words: Words = {
  redact: () => 'one constant in place of every value',
  null: () => 'NULL in place of every value',
  partial: ({ keepFirst, keepLast, hiddenBelow }) => {
    const kept = [
      ...(keepFirst > 0 ? [`the first ${keepFirst}`] : []),
      ...(keepLast > 0 ? [`the last ${keepLast}`] : []),
    ]
    const short = hiddenBelow === undefined ? '' : `, and for all of a value under ${hiddenBelow}`
    return `stars for all but ${kept.join(' and ')} characters${short}`
  },
  email: () => 'only the domain of the address stays',
  hash: ({ key }) => `keyed hash (${keyWords(key)})`,
  token: ({ key, format, domain }) =>
    `keyed token, ${format === 'Digits' ? 'digits for digits' : 'opaque'}, domain ${domain} (${keyWords(key)})`,
  dateTruncate: ({ to }) => `the first day of its ${to.toLowerCase()}`,
  bucket: ({ size }) => `rounded down to a multiple of ${size}`,
  regex: ({ pattern, replacement }) => `/${pattern}/ becomes "${replacement}"`,
}

function keyWords(key: MaskKey): string {
  return key.kind === 'function'
    ? `key in ${[key.database, key.schema, key.name].join('.')}`
    : `key in Secret ${key.secretName}`
}

/** `partial: stars for all but the last 4 characters` */
export function describeMethod(method: MaskMethod): string {
  // The key is the method's own kind, which the compiler cannot see.
  const write = words[method.kind] as (method: MaskMethod) => string
  return `${method.kind}: ${write(method)}`
}
