import type { CompiledRule } from '../../sidecar/control/bundle.ts'

/** A rule that says nothing; tests spread it and say what they mean. */
export const emptyRule: Omit<CompiledRule, 'name' | 'action'> = {
  statements: [],
  objects: [],
  columns: [],
  functions: [],
  stages: [],
  when: undefined,
  approval: undefined,
  message: undefined,
}
