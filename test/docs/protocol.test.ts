/** docs/protocol.md says what the route tables do. That it is fresh, `npm run generate -- --check` says. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { refusedRoute } from '../../sidecar/wire/refused-routes.ts'
import { matchRoute, routes } from '../../sidecar/wire/routes.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/protocol.md'), 'utf8')
const id = '01ab2345-6789-4abc-8def-0123456789ab'

const sample = (path: string): string =>
  path
    .replace('{id}', id)
    .replace('{capability}', `fg-chunk-${'a'.repeat(43)}`)
    .replaceAll(/\{\w+\}/g, 'X')
    .replace('/**', '/x')
    .split('?')[0] ?? ''

const [, served = '', refused = ''] = page.split(/^## (?:Served|Refused)$/m)
const endpoints = (part: string) =>
  [...part.matchAll(/`(?:(GET|POST) )?(\/[^`]*)`/g)].map(([, method = 'PUT', path = '']) => ({
    method,
    path: sample(path),
  }))

test('every endpoint that is served is in its table, and served', () => {
  const names = endpoints(served).map(({ method, path }) => matchRoute(method, path)?.route.name)
  expect(names).toEqual(routes.map(({ name }) => name))
})

test('every endpoint that is refused is refused by name', () => {
  const listed = endpoints(refused.split(/^## /m)[0] ?? '')
  expect(listed.length).toBeGreaterThan(20)
  for (const { method, path } of listed) {
    expect(matchRoute(method, path)).toBeUndefined()
    expect(refusedRoute(method, path), path).toBeDefined()
  }
})
