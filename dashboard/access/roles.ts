import type { AccessRole } from '../generated/operations.ts';

export const roles: readonly AccessRole[] = ['VIEWER', 'READER', 'MODEL', 'EDITOR', 'OPERATOR', 'ADMIN'];

export function roleFrom(text: string): AccessRole {
  return roles.find((role) => role === text) ?? 'VIEWER';
}
