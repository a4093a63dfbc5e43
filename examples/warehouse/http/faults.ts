/** What the fault hook is told about a request before its route answers. */
export interface FaultPoint {
  readonly route: string
  readonly method: string
  readonly path: string
  readonly sqlText?: string
}

/** How a route may misbehave. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  | { readonly kind: 'html' }
  | { readonly kind: 'hang' }
  /** Sends the head and half of the body, then cuts the connection. */
  | { readonly kind: 'dieMidBody' }
  /** Answers as usual, with these members added to `data` (for example `command: 'UPLOAD'`). */
  | { readonly kind: 'addData'; readonly data: Readonly<Record<string, unknown>> }

/** Called before each answer; undefined lets the route answer as usual. */
export type FaultHook = (point: FaultPoint) => Fault | undefined
