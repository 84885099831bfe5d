import { Failure } from '../../providers/contract/failure.ts';
import type { Resource } from '../registry/catalog.ts';
import { kindInWords } from '../registry/reference.ts';
import { type Action, actionsOf, roles } from './role.ts';

const inWords: Readonly<Record<Action, string>> = {
  VIEW: 'see what is registered',
  READ: 'read rows',
  SERVE: 'read values online',
  REGISTER: 'register, change or delete',
  RUN: 'start jobs',
  PUSH: 'push values',
  OPERATE: 'operate jobs and providers',
  ADMINISTER: 'administer keys and roles',
};

/** Names the roles that would do; says nothing of what is registered, but for what who asks may see. */
export function forbidden(action: Action, resource?: Resource): Failure {
  const able = roles.filter((role) => actionsOf[role].has(action)).join(', ');
  const of = resource === undefined ? '' : ` of ${kindInWords(resource.kind)} ${resource.ref}`;
  return new Failure('FORBIDDEN', `You may not ${inWords[action]}${of}.`, {
    issues: [{ path: 'authorization', message: `lacks a role for it`, fix: `Have one of these granted: ${able}.` }],
  });
}

export function sensitiveValues(what: string): Failure {
  return new Failure('FORBIDDEN', `The values of ${what} are sensitive, and you have no grant for such.`, {
    issues: [
      { path: 'authorization', message: 'lacks a grant with `sensitive: true`', fix: 'Have a role granted with it.' },
    ],
  });
}
