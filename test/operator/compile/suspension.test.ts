import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { compileAll } from '../../../operator/compile/compile-all.ts'
import { compileSuspension, suspendedNames } from '../../../operator/compile/suspension.ts'
import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { parseBundle } from '../../../sidecar/control/load.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { connection, policy, snapshotOf } from './objects.ts'

const principals = [{ provider: 'okta', subject: 'agent-7' }]

/** Undefined: its form is wrong already, and it is served to nobody. */
function attempted(suspend?: unknown) {
  const spec = suspend === undefined ? {} : { suspend }
  const snapshot = snapshotOf(connection('acme', spec), policy('agents', 'acme'))
  return compileAll(snapshot, {}).connections.get('frostgate/acme')
}

function compiled(suspend?: unknown) {
  const found = attempted(suspend)
  if (found === undefined) throw new Error('its form is wrong')
  return found
}

function bundleWith(suspend?: unknown): Bundle {
  const { state } = compiled(suspend)
  if ('bundle' in state) return state.bundle
  throw new Error(state.closed)
}

describe('spec.suspend', () => {
  test('that is not given leaves the bundle as it was, digest and all', () => {
    expect('suspend' in bundleWith().connection).toBe(false)
  })

  test('is in the bundle, each principal once, and makes it another', () => {
    const suspend = { all: false, principals: [...principals, ...principals], reason: 'why' }
    const bundle = bundleWith(suspend)
    expect(bundle.connection.suspend).toEqual({ all: false, principals, reason: 'why' })
    expect(bundle.digest).not.toBe(bundleWith().digest)
    expect(bundleWith({ all: true }).connection.suspend).toMatchObject({
      all: true,
      principals: [],
    })
  })

  test.each([
    [{ all: false, principals: [{ provider: 'octa', subject: 'a' }] }, 'principals[0].provider'],
    [{ all: true, principals: [{ provider: 'octa', subject: 'a' }] }, 'principals[0].provider'],
  ])('closes the connection where it would reach nobody: %j', (suspend, field) => {
    const { state, problems } = compiled(suspend)
    expect('closed' in state).toBe(true)
    expect(JSON.stringify(problems)).toContain(field)
  })

  test.each([{ all: false }, { all: false, principals: [] }, { reason: 'x' }, { all: 'yes' }])(
    'whose form is wrong opens nothing: %j',
    (suspend) => {
      expect(attempted(suspend)).toBeUndefined()
    },
  )

  test('that names nobody closes, though the schema let it through', () => {
    const { metadata, spec } = connection('acme', { suspend: { all: false, principals: [] } })
    const said: string[] = []
    const report = (path: readonly unknown[], message: string) =>
      said.push(`${path.join('.')} ${message}`)
    const stopped = compileSuspension({ metadata, spec } as never, report)
    expect([stopped?.principals, said]).toEqual([[], ['spec.suspend names nobody']])
  })

  test('says at a typo that nobody would be stopped, and what there is', () => {
    const { problems } = compiled({
      all: false,
      principals: [{ provider: 'octa', subject: 'agent-7' }],
    })
    expect(problems).toMatchObject([
      {
        field: 'spec.suspend.principals[0].provider',
        message:
          '"octa" is no identity provider of this connection, so nobody would be stopped by it',
        advice: expect.stringContaining(
          'Nobody is let through until this is mended. Use one of: okta',
        ) as string,
      },
    ])
  })

  test('is told in a few words, however many there are', () => {
    const many = Array.from({ length: 256 }, (_, index) => ({
      provider: 'okta',
      subject: `a${index}`,
    }))
    expect(suspendedNames({ all: false, principals: many })).toBe(
      'okta:a0, okta:a1, okta:a2, okta:a3, okta:a4 and 251 more',
    )
    expect(suspendedNames({ all: true, principals: many })).toBe('everybody')
  })
})

describe('a bundle with a suspension', () => {
  const withSuspend = (suspend: unknown): string => {
    const bundle = bundleWith()
    const connectionWith = { ...bundle.connection, suspend } as Bundle['connection']
    return JSON.stringify(sealBundle({ ...bundle, connection: connectionWith }))
  }
  const read = (suspend: unknown) => parseBundle(withSuspend(suspend), 'of the test').connection

  test('is read as it was compiled', () => {
    const suspend = { all: false, principals, reason: 'why' }
    expect(read(suspend).suspend).toEqual(suspend)
    expect(read({ all: true, principals: [] }).suspend).toEqual({ all: true, principals: [] })
  })

  test.each([
    null,
    true,
    {},
    { all: true },
    { all: 'yes', principals: [] },
    { all: false, principals: [] },
    { all: false, principals: [{ provider: 'octa', subject: 'a' }] },
    { all: false, principals: [{ provider: 'okta' }] },
    { all: false, principals: [{ provider: 'okta', subject: '' }] },
    { all: false, principals: [{ provider: 'okta', subject: 'a', more: 1 }] },
    { all: true, principals: [], reason: '' },
    { all: true, principals: [], until: 'tomorrow' },
  ])('is refused as a whole where it is %j', (suspend) => {
    expect(() => read(suspend)).toThrow('suspend')
  })

  test('never stops fewer than were written, whatever is written', () => {
    const subject = fc.string({ minLength: 1, maxLength: 20 })
    const field = fc.record({
      all: fc.boolean(),
      principals: fc.array(fc.record({ provider: fc.constantFrom('okta', 'octa'), subject }), {
        maxLength: 4,
      }),
    })
    fc.assert(
      fc.property(field, (suspend) => {
        const state = attempted(suspend)?.state
        if (state === undefined || 'closed' in state) return
        const stopped = parseBundle(JSON.stringify(state.bundle), 'of the test').connection.suspend
        expect(stopped?.all).toBe(suspend.all)
        for (const each of suspend.principals) expect(stopped?.principals).toContainEqual(each)
      }),
    )
  })
})
