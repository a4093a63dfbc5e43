/**
 * What the operator's code asks of the API server, read from its source: calls of its client with
 * the resource's name, and, by file, those that no reader of source can resolve.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import ts from 'typescript'

import { resources } from '../../operator/kube/resources.ts'

const folder = join(import.meta.dirname, '../../operator')

/** Verbs of RBAC for methods of KubeClient. An apply makes what is not there. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  get: ['get'],
  find: ['get'],
  list: ['list'],
  watch: ['watch'],
  create: ['create'],
  update: ['update'],
  delete: ['delete'],
  apply: ['create', 'patch'],
  applyStatus: ['patch'],
  reflector: ['list', 'watch'],
}

export interface Use {
  readonly file: string
  /** `secrets`, of the table in operator/kube/resources.ts. */
  readonly resource: string
  readonly verbs: readonly string[]
}

export interface Uses {
  readonly named: readonly Use[]
  /** `file: text of the call`, for which a list must say what it does. */
  readonly unresolved: readonly string[]
}

export function readUses(): Uses {
  const named: Use[] = []
  const unresolved: string[] = []
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
    const text = readFileSync(join(folder, file), 'utf8')
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) {
        const found = useOf(node, source)
        if (typeof found === 'string') unresolved.push(`${file}: ${found}`)
        else if (found !== undefined) named.push({ file, ...found })
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return { named, unresolved }
}

/** The use; the call's beginning if it is one that cannot be resolved; undefined if it is none. */
function useOf(
  call: ts.CallExpression,
  source: ts.SourceFile,
): Omit<Use, 'file'> | string | undefined {
  const callee = call.expression
  const method = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText(source)
  const receiver = ts.isPropertyAccessExpression(callee) ? callee.expression.getText(source) : ''
  const onClient = /(^|[.#])client$/.test(receiver)
  if (!onClient && method !== 'reflector') return undefined
  if (method === 'request' || method === 'post') return shown(call, source)
  const asked = verbs[method]
  // Such as close().
  if (asked === undefined) return undefined
  const plural = pluralOf(call, source)
  return plural === undefined ? shown(call, source) : { resource: plural, verbs: asked }
}

/** Of `resources.secrets` among the arguments, type assertions aside. */
function pluralOf(call: ts.CallExpression, source: ts.SourceFile): string | undefined {
  for (const argument of call.arguments) {
    const [, name = ''] = /^resources\.(\w+)\b/.exec(argument.getText(source)) ?? []
    if (Object.hasOwn(resources, name)) return resources[name as keyof typeof resources].plural
  }
  return undefined
}

function shown(call: ts.CallExpression, source: ts.SourceFile): string {
  const first = call.arguments[0]?.getText(source) ?? ''
  return `${call.expression.getText(source)}(${first.replaceAll(/\s+/g, ' ')})`
}
