/** The syntax tree, by what its nodes stand for. Statements are in `statements/`. */

export type * from './ast/body.ts'
export type * from './ast/ddl.ts'
export type * from './ast/expression.ts'
export type * from './ast/names.ts'
export type * from './ast/property.ts'
export type * from './ast/query.ts'
export type * from './ast/relation.ts'
export type * from './ast/transform.ts'
export type * from './ast/scripting.ts'
