/**
 * The four functions of the withdrawn Reflect metadata proposal that @peculiar/x509's dependency
 * injection (tsyringe) looks for when it is loaded. Import this before it.
 */

const metadata = new WeakMap<object, Map<unknown, unknown>>()

const functions = {
  defineMetadata: (key: unknown, value: unknown, target: object): void => {
    const own = metadata.get(target) ?? new Map<unknown, unknown>()
    metadata.set(target, own.set(key, value))
  },
  getOwnMetadata: (key: unknown, target: object): unknown => metadata.get(target)?.get(key),
  getMetadata: (key: unknown, target: object): unknown => {
    // A class inherits what was said of the class that it extends.
    for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
      const own = metadata.get(at)
      if (own?.has(key) === true) return own.get(key)
    }
    return undefined
  },
  metadata:
    (key: unknown, value: unknown) =>
    (target: object): void => {
      functions.defineMetadata(key, value, target)
    },
}

// Somebody else's may be there already, and then holds what others have put into it.
if (!('getMetadata' in Reflect)) Object.assign(Reflect, functions)
