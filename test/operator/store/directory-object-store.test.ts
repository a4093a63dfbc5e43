import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { DirectoryObjectStore } from '../../../operator/store/directory-object-store.ts'
import { watchFolder } from '../../../operator/store/folder-watch.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import { connection, maskingRule, policy } from '../compile/objects.ts'
import { storeContract } from './contract.ts'
import { fast, folderStore, folderWith } from './folder-store.ts'

storeContract('A folder of YAML', folderStore)

describe('A folder of YAML', () => {
  async function started(objects: readonly object[], timing = fast) {
    const made = await folderWith(objects)
    const store = new DirectoryObjectStore(made.folder, timing)
    onTestFinished(async () => {
      await store.stop()
      await made.close()
    })
    await store.start()
    return { ...made, store }
  }

  const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 20 })

  test('keeps its last state while a file of it cannot be read, which may protect a column', async () => {
    const { folder, store } = await started([connection('acme'), maskingRule('ssn', 'acme')])
    const before = store.snapshot()
    await writeFile(join(folder, 'MaskingRule-ssn.yaml'), 'spec: {')
    await until(() => {
      expect(store.problems()).not.toEqual([])
    })
    expect(store.snapshot()).toBe(before)
    expect(store.problems().map(formatProblem).join()).toContain('MaskingRule-ssn.yaml:1:')
    await writeFile(join(folder, 'MaskingRule-ssn.yaml'), stringify(maskingRule('ssn', 'acme')))
    await until(() => {
      expect(store.problems()).toEqual([])
    })
  })

  test('keeps its last state while a document is of no kind that is known', async () => {
    const { folder, store } = await started([connection('acme'), policy('agents', 'acme')])
    const before = store.snapshot()
    const typo = { ...policy('agents', 'acme'), kind: 'AgentPolcy' }
    await writeFile(join(folder, 'AgentPolicy-agents.yaml'), stringify(typo))
    await until(() => {
      expect(store.problems().map(formatProblem).join()).toContain('Did you mean AgentPolicy?')
    })
    expect(store.snapshot()).toBe(before)
  })

  test('does not start with a file that cannot be read, and says which', async () => {
    const { folder, close } = await folderWith([connection('acme')])
    onTestFinished(close)
    await writeFile(join(folder, 'bad.yaml'), 'a: {')
    const store = new DirectoryObjectStore(folder, fast)
    await expect(store.start()).rejects.toThrow('bad.yaml:1:')
    expect(store.synced).toBe(false)
  })

  test('hands out the same objects from files that did not change', async () => {
    const { put, store } = await started([connection('acme'), policy('agents', 'acme')])
    const [before] = store.snapshot().objects.connections
    await put(policy('more', 'acme'))
    await until(() => {
      expect(store.snapshot().objects.policies).toHaveLength(2)
    })
    expect(store.snapshot().objects.connections[0]).toBe(before)
  })

  test('counts neither of two objects of one name, and says so once', async () => {
    const { folder, store } = await started([connection('acme'), policy('agents', 'acme')])
    await writeFile(
      join(folder, 'z.yaml'),
      stringify(policy('agents', 'acme', { mode: 'Observe' })),
    )
    await until(() => {
      expect(store.snapshot().malformed).toHaveLength(1)
    })
    expect(store.snapshot().objects.policies).toEqual([])
    expect(store.snapshot().malformed[0]?.problems.map(({ message }) => message)).toEqual([
      'AgentPolicy frostgate/agents is defined 2 times',
    ])
  })

  test('tells nobody of a file that was written anew with the same text', async () => {
    const { put, store } = await started([connection('acme')], { debounce: 10, poll: 50 })
    const listener = vi.fn()
    store.onChange(listener)
    await put(connection('acme'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(listener).not.toHaveBeenCalled()
  })
})

describe('A folder that cannot be watched', () => {
  test('is looked at from time to time', async () => {
    const onChange = vi.fn()
    const stop = watchFolder('/nonexistent/folder', { debounce: 1, poll: 10 }, onChange)
    await vi.waitFor(() => {
      expect(onChange.mock.calls.length).toBeGreaterThan(1)
    })
    stop()
    const calls = onChange.mock.calls.length
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(onChange).toHaveBeenCalledTimes(calls)
  })
})
