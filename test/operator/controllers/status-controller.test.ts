import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { compileAll } from '../../../operator/compile/compile-all.ts'
import type { StatusTiming } from '../../../operator/controllers/status-controller.ts'
import { StatusController } from '../../../operator/controllers/status-controller.ts'
import type { ObjectStore, Snapshot } from '../../../operator/store/object-store.ts'
import { connection, policy, snapshotOf } from '../compile/objects.ts'
import { folderStore } from '../store/folder-store.ts'
import { controllerContract } from './contract.ts'

controllerContract('a folder of YAML', folderStore)

describe('A status that cannot be written', () => {
  function controlled(timing: Partial<StatusTiming>) {
    let snapshot: Snapshot = snapshotOf(connection('acme'))
    let leads = true
    const listeners = new Set<() => void>()
    const write = vi.fn<ObjectStore['writeStatus']>(() => Promise.resolve())
    const store: ObjectStore = {
      start: () => Promise.resolve(),
      synced: true,
      snapshot: () => snapshot,
      onChange: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      writeStatus: write,
      stop: () => Promise.resolve(),
    }
    const errors = vi.fn()
    const controller = new StatusController(
      store,
      {
        compiled: () => compileAll(snapshot),
        sidecars: () => new Map(),
        isLeader: () => leads,
        onError: errors,
      },
      { settle: 5, backoff: 20, ...timing },
    )
    onTestFinished(() => controller.stop())
    const put = (...objects: readonly object[]) => {
      snapshot = snapshotOf(...objects)
      for (const listener of listeners) listener()
    }
    const lead = (now: boolean) => {
      leads = now
    }
    return { controller, write, errors, put, lead }
  }

  const pause = (milliseconds: number) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds))

  test('is tried again, ever more slowly, and reported each time', async () => {
    const { controller, write, errors } = controlled({})
    const times: number[] = []
    write.mockImplementation(() => {
      times.push(performance.now())
      return times.length < 4 ? Promise.reject(new Error('no')) : Promise.resolve()
    })
    controller.start()
    await vi.waitFor(() => {
      expect(times).toHaveLength(4)
    })
    const [first = 0, second = 0, , fourth = 0] = times
    expect(fourth - second).toBeGreaterThan(2 * (second - first) - 10)
    expect(errors).toHaveBeenCalledTimes(3)
    expect(errors).toHaveBeenCalledWith('SnowflakeConnection frostgate/acme', new Error('no'))
    await pause(100)
    expect(times).toHaveLength(4)
  })

  test('does not keep others from theirs', async () => {
    const { controller, write, put } = controlled({ backoff: 60_000 })
    write.mockImplementation(({ kind }) =>
      kind === 'SnowflakeConnection' ? Promise.reject(new Error('no')) : Promise.resolve(),
    )
    put(connection('acme'), policy('agents', 'acme'))
    controller.start()
    await vi.waitFor(() => {
      expect(write.mock.calls.map(([{ kind }]) => kind)).toContain('AgentPolicy')
    })
  })

  test('is forgotten with its object', async () => {
    const { controller, write, put } = controlled({})
    write.mockRejectedValue(new Error('not found'))
    controller.start()
    await vi.waitFor(() => {
      expect(write).toHaveBeenCalled()
    })
    put()
    await pause(50)
    const calls = write.mock.calls.length
    await pause(150)
    expect(write).toHaveBeenCalledTimes(calls)
  })

  test('does not keep an object waiting that was made again under the same name', async () => {
    const { controller, write, put } = controlled({ backoff: 60_000, maxBackoff: 60_000 })
    write.mockRejectedValueOnce(new Error('not found'))
    controller.start()
    await vi.waitFor(() => {
      expect(write).toHaveBeenCalledTimes(1)
    })
    put(connection('acme', {}, { uid: 'another' }))
    await vi.waitFor(() => {
      expect(write).toHaveBeenCalledTimes(2)
    })
  })

  test('is written to an object that was made again under the same name', async () => {
    const { controller, write, put } = controlled({})
    controller.start()
    await vi.waitFor(() => {
      expect(write).toHaveBeenCalledTimes(1)
    })
    put(connection('acme', {}, { uid: 'another' }))
    await vi.waitFor(() => {
      expect(write).toHaveBeenCalledTimes(2)
    })
  })

  test('is written anew once this replica leads again: another may have written meanwhile', async () => {
    const { controller, write, lead } = controlled({})
    controller.start()
    await vi.waitFor(() => {
      expect(write).toHaveBeenCalledTimes(1)
    })
    lead(false)
    controller.trigger()
    await pause(50)
    expect(write).toHaveBeenCalledTimes(1)
    lead(true)
    controller.trigger()
    await vi.waitFor(() => {
      expect(write).toHaveBeenCalledTimes(2)
    })
  })

  test('is written again after a while, should somebody have changed it', async () => {
    const { controller, write } = controlled({ resync: 40 })
    controller.start()
    await vi.waitFor(() => {
      expect(write.mock.calls.length).toBeGreaterThan(1)
    })
  })

  test('is not written once the controller has stopped', async () => {
    const { controller, write, put } = controlled({})
    controller.start()
    await controller.stop()
    put(connection('acme'), policy('agents', 'acme'))
    controller.trigger()
    await pause(50)
    expect(write).not.toHaveBeenCalled()
  })
})
