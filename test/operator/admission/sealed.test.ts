/**
 * Pods that earlier versions sealed, and that run still. These files are never written anew: a version
 * that refuses one of them would turn away every pod of its time at the next renewal.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { proxyContainer } from '../../../operator/admission/injection.ts'
import type { Pod } from '../../../operator/admission/pod.ts'
import { isSealed } from '../../../operator/admission/seal.ts'
import { verifyRunning } from '../../../operator/admission/verify/verify.ts'
import { context, operator } from './support/context.ts'
import { changed, injected } from './support/pods.ts'

const folder = join(import.meta.dirname, 'sealed')
const files = readdirSync(folder)
const read = (file: string) => parse(readFileSync(join(folder, file), 'utf8')) as Pod

/** Everything about the operator but its key is another by now. */
const later = {
  ...context,
  operator: {
    ...operator,
    version: '9.0.0',
    image: 'ghcr.io/frostgate/sidecar:9',
    trust: 'the next CA',
    brokerUrl: 'https://other.frostgate.svc:8443',
  },
}

describe('A pod of an earlier version', () => {
  test('there is one for each format of seal, the one that is written now included', () => {
    const format = /^(v\d+)\./.exec(
      injected().metadata?.annotations?.['frostgate.dev/injected'] ?? '',
    )?.[1]
    expect(files).toContain(`${format ?? ''}.yaml`)
  })

  test.each(files)('is let in by its seal: %s', (file) => {
    expect(isSealed(read(file), 'ci', later.operator)).toBe(true)
    expect(verifyRunning(read(file), later)).toEqual([])
  })

  test.each(files)('is not, once anything of the sidecar is another: %s', (file) => {
    const pod = read(file)
    const others = [
      changed(pod, ({ spec }) => {
        for (const each of spec.initContainers ?? [])
          if (each.name === proxyContainer) each.env?.push({ name: 'NODE_DEBUG', value: 'tls' })
      }),
      changed(pod, ({ spec }) => {
        spec.volumes?.pop()
      }),
      changed(pod, ({ spec }) => {
        spec.volumes?.push({ name: 'frostgate-key', emptyDir: {} })
      }),
      changed(pod, ({ metadata }) => {
        if (metadata?.annotations) metadata.annotations['frostgate.dev/connection'] = 'other'
      }),
    ]
    for (const other of others) expect(isSealed(other, 'ci', later.operator)).toBe(false)
    expect(isSealed(pod, 'elsewhere', later.operator)).toBe(false)
    const otherKey = { ...operator, seal: () => 'forged' }
    expect(isSealed(pod, 'ci', otherKey)).toBe(false)
  })

  test.each(['v9', '', 'constructor'])(
    'of a format %j that is not known is not let in',
    (format) => {
      const pod = changed(injected(), ({ metadata }) => {
        const given = metadata?.annotations ?? {}
        given['frostgate.dev/injected'] = (given['frostgate.dev/injected'] ?? '').replace(
          'v1',
          format,
        )
      })
      expect(isSealed(pod, 'ci', operator)).toBe(false)
    },
  )
})
