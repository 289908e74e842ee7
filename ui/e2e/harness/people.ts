// Who signs in to the tests.
export const roles = ['owner', 'agent', 'read-only'] as const
export type Role = (typeof roles)[number]

export const TENANT = 'demo'
export const PASSWORD = 'end to end in a browser'

export function emailOf(role: Role): string {
  return `${role}@e2e.example`
}
