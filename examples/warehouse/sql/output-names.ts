import type { Token } from './tokens.ts'
import { expression, list, mapTree, name, type Tree, type TreeNode } from './tree.ts'

const listEnds = new Set([
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'QUALIFY',
  'ORDER',
  'LIMIT',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'MINUS',
  'INTO',
  'FETCH',
  'OFFSET',
])

/** The source text of each item of the outermost (first) select list. */
export function selectItemTexts(sql: string, all: readonly Token[]): readonly string[] {
  const opening = new Set(['(', '[', '{'])
  const closing = new Set([')', ']', '}'])
  let depth = 0
  let start: number | undefined
  let end = 0
  const items: string[] = []
  for (const token of all) {
    const symbol = token.kind === 'symbol' ? token.text : ''
    const word = token.kind === 'word' ? token.text : ''
    if (opening.has(symbol)) depth += 1
    if (closing.has(symbol)) depth -= 1
    if (start === undefined) {
      if (depth === 0 && word === 'SELECT') start = token.end
      continue
    }
    if (depth === 0 && (symbol === ',' || listEnds.has(word))) {
      items.push(sql.slice(start, end).trim())
      start = token.end
      if (symbol !== ',') return items
    }
    end = token.end
  }
  if (start !== undefined) items.push(sql.slice(start, end).trim())
  return items
}

/** The translator takes a quoted name that begins with a quote for a triple-quoted string. */
const quoteGuard = '\u2060'

/** A column's name without what the translator needed in front of it. */
export function unguarded(name: string): string {
  return name.startsWith(`${quoteGuard}"`) ? name.slice(1) : name
}

/** Snowflake's name of an unaliased expression: its text, upper-cased outside of quotes. */
function nameOf(text: string): string {
  const guard = text.startsWith('"') ? quoteGuard : ''
  return (
    guard +
    text.replace(/"(?:[^"]|"")*"|[^"]+/g, (part) =>
      part.startsWith('"') ? part : part.replace(/\s+/g, ' ').toUpperCase(),
    )
  )
}

/** The translator expands these only when they stand in parentheses. */
const needsParens = new Set(['like_any', 'i_like_any', 'like_all', 'i_like_all', 'i_like', 'like'])

const named = new Set(['alias', 'column', 'star', 'aliases'])

function withNames(
  select: TreeNode,
  texts: readonly string[],
  fallback: (item: Tree) => string,
): TreeNode {
  const expressions = list(select, 'expressions')
  const exact = texts.length === expressions.length ? texts : []
  return {
    ...select,
    expressions: expressions.map((item, index) => {
      const found = expression(item)
      if (found === undefined || named.has(found.kind)) return item
      const text = exact[index]?.replace(/^(DISTINCT|ALL)\s+/i, '') ?? fallback(item)
      return {
        alias: {
          this: needsParens.has(found.kind)
            ? { paren: { this: item, trailing_comments: [] } }
            : item,
          alias: name(nameOf(text)),
          column_aliases: [],
          alias_explicit_as: true,
          pre_alias_comments: [],
          trailing_comments: [],
        },
      }
    }),
  }
}

/** Finds the select whose list gives the statement its output names. */
function outermost(tree: Tree): TreeNode | undefined {
  const found = expression(tree)
  if (found?.kind === 'select') return found.body
  if (found?.kind === 'subquery' || found?.kind === 'paren') return outermost(found.body['this'])
  return found === undefined || found.body['left'] === undefined
    ? undefined
    : outermost(found.body['left'])
}

/** Gives every unaliased select expression the name Snowflake would give it. */
export function nameOutputs(
  tree: Tree,
  texts: readonly string[],
  fallback: (item: Tree) => string,
): Tree {
  const first = outermost(tree)
  const mark: TreeNode | undefined = first === undefined ? undefined : { ...first, outermost: true }
  const marked = mark === undefined ? tree : replaceNode(tree, first, mark)
  return mapTree(marked, (node) => {
    const select = expression(node)
    if (select?.kind !== 'select') return node
    const { outermost: isFirst, ...body } = select.body
    return { select: withNames(body, isFirst === true ? texts : [], fallback) }
  })
}

function replaceNode(tree: Tree, old: TreeNode | undefined, replacement: TreeNode): Tree {
  if (tree === old) return replacement
  if (Array.isArray(tree))
    return (tree as readonly Tree[]).map((item) => replaceNode(item, old, replacement))
  if (typeof tree !== 'object' || tree === null) return tree
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, replaceNode(value, old, replacement)]),
  )
}
