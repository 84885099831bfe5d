import type { Report } from './check-world.ts';

/** That entities of one row play roles of their own; `at` is where each stands in the list at `path`. */
export function checkRolesApart(roles: readonly { role: string; at: number }[], path: string, report: Report): void {
  for (const [index, { role, at }] of roles.entries()) {
    if (roles.findIndex((one) => one.role === role) === index) continue;
    report(`${path}[${at}].role`, `The role "${role}" is already taken.`, 'Give the entity a role of its own.');
  }
}
