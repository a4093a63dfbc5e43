import { describe, expect, test } from 'vitest'

import { isUnreachable } from '../cluster/binaries/build.ts'
import {
  buildFiles,
  buildFlags,
  buildHash,
  cacheFolder,
  isBuildFile,
  kubernetesVersion,
  pinnedKubernetes,
} from '../cluster/binaries/modules.ts'

const kubernetes = { major: 1, minor: 36, patch: 1 }

const inputs = {
  goVersion: 'go version go1.26.8 linux/amd64',
  flags: ['-trimpath'],
  files: { 'go.mod': 'module m', 'go.sum': 'h1:x' },
}

describe('the name of a build in the cache', () => {
  test('is the same for the same inputs, read in any order', () => {
    const files = { 'go.sum': 'h1:x', 'go.mod': 'module m' }
    expect(buildHash({ ...inputs, files })).toBe(buildHash(inputs))
    expect(buildHash(inputs)).toMatch(/^[0-9a-f]{16}$/)
  })

  test.each([
    ['the Go version', { goVersion: 'go version go1.26.9 linux/amd64' }],
    ['a flag', { flags: ['-trimpath', '-race'] }],
    ['a pin', { files: { 'go.mod': 'module m', 'go.sum': 'h1:y' } }],
    ['a source', { files: { ...inputs.files, 'main.go': 'package main' } }],
    // Moving text from one file to the next must not give the same name.
    ['the file it is in', { files: { 'go.mod': 'module mh1:x', 'go.sum': '' } }],
  ])('changes with %s', (_, change) => {
    expect(buildHash({ ...inputs, ...change })).not.toBe(buildHash(inputs))
  })

  test('does not change with tests and notes', () => {
    expect(['main.go', 'go.mod', 'go.sum'].filter(isBuildFile)).toHaveLength(3)
    expect(['main_test.go', 'README.md', 'node-runtime'].filter(isBuildFile)).toEqual([])
  })

  test('covers pins of a module that has no sources of its own', async () => {
    expect(Object.keys(await buildFiles('kubernetes')).sort()).toEqual(['go.mod', 'go.sum'])
  })
})

describe('the flags of a build', () => {
  test('stamp Kubernetes with its version, as charts ask for it', () => {
    expect(buildFlags('kubernetes', kubernetes).join(' ')).toMatch(
      /gitVersion=v1\.36\.1 .*gitMajor=1 .*gitMinor=36/,
    )
    expect(buildFlags('etcd', kubernetes)).toEqual([
      '-buildvcs=false',
      '-trimpath',
      '-ldflags',
      '-s -w',
    ])
  })
})

describe('the Kubernetes that is built', () => {
  test('is the one that go.mod requires', async () => {
    expect(await kubernetesVersion()).toEqual(kubernetes)
    expect(pinnedKubernetes('require k8s.io/kubernetes v1.40.2', 'go.mod').minor).toBe(40)
  })

  test('is not guessed where go.mod requires none', () => {
    const goMod = 'require k8s.io/kubernetes-other v1.36.1'
    expect(() => pinnedKubernetes(goMod, 'a/go.mod')).toThrow('a/go.mod requires no')
  })
})

describe('the cache', () => {
  test.each([
    [{ FROSTGATE_CACHE: '/c', XDG_CACHE_HOME: '/x' }, '/c/cluster'],
    [{ FROSTGATE_CACHE: '', XDG_CACHE_HOME: '/x' }, '/x/frostgate/cluster'],
  ])('with %j is %s', (environment, folder) => {
    expect(cacheFolder(environment)).toBe(folder)
  })

  test('is in the home folder where nothing is set', () => {
    expect(cacheFolder({})).toMatch(/\/\.cache\/frostgate\/cluster$/)
  })
})

describe('a failed build', () => {
  test('is the machine’s where modules cannot be fetched, and ours where code is wrong', () => {
    expect(isUnreachable('go: k8s.io/api@v0.36.1: dial tcp: lookup proxy.golang.org')).toBe(true)
    expect(isUnreachable('module lookup disabled by GOPROXY=off')).toBe(true)
    expect(isUnreachable('./main.go:3:1: undefined: frobnicate')).toBe(false)
    expect(isUnreachable('missing go.sum entry for module')).toBe(false)
  })
})
