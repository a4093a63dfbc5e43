/** What an entry of the error catalogue is, and codes that several share. */

export interface Entry {
  /** Six digits: drivers parse it as a number. */
  readonly code: string
  readonly sqlState: string
  /** What happened and why. `{name}` marks a parameter. */
  readonly text: string
  /** What to do next. */
  readonly advice: string
}

export const denied = { code: '003001', sqlState: '42501' } as const
export const badRequest = { code: '390400', sqlState: '08P01' } as const
export const syntax = { code: '001003', sqlState: '42000' } as const
export const login = { code: '390303', sqlState: '28000' } as const
export const upstream = { code: '000603', sqlState: '08004' } as const
