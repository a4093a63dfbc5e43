import { SnowflakeError } from '../engine/errors.ts'
import { parseStatement } from './translate.ts'
import { child, expression, list, mapTree, string, type Tree } from './tree.ts'

/** `$name` as the value that the session has given it. @throws SnowflakeError 002211 */
export function withVariables(variables: ReadonlyMap<string, string>, tree: Tree): Tree {
  return mapTree(tree, (node) => {
    const found = expression(node)
    if (found?.kind !== 'parameter' || found.body['style'] !== 'Dollar') return node
    const name = string(found.body, 'name')?.toUpperCase()
    return name === undefined ? node : valueOf(variables.get(name), name)
  })
}

function valueOf(literal: string | undefined, name: string): Tree {
  if (literal === undefined) {
    throw new SnowflakeError(
      '002211',
      '02000',
      `SQL compilation error: error line 1 at position 0\nSession variable '$${name}' does not exist`,
    )
  }
  const [value] = list(child(parseStatement(`SELECT ${literal}`), 'select'), 'expressions')
  return value
}
