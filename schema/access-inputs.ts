import { builder } from './builder.ts';
import { ResourceKindEnum, RoleEnum } from './enums.ts';

const GrantSelectorInput = builder.inputType('GrantSelectorInput', {
  description: 'What a role is bound to: all that is given must match. A feature is matched with its view.',
  fields: (t) => ({
    kind: t.field({ type: ResourceKindEnum, description: 'This noun.' }),
    tag: t.string({ description: 'What has this tag.' }),
    owner: t.string({ description: 'What has this owner.' }),
    ref: t.string({ description: 'A name for all its variants, or name@variant; `*` stands for any characters.' }),
  }),
});

export const role = { type: RoleEnum, required: true, description: 'The role.' } as const;
export const on = { type: GrantSelectorInput, description: 'What it is bound to; everything when left out.' } as const;
export const sensitive = {
  required: true,
  defaultValue: false,
  description: 'Whether it is for the values of what has a sensitive tag, too.',
} as const;

export const RoleInput = builder.inputType('AccessRoleInput', {
  description: 'A role, and what it is bound to.',
  fields: (t) => ({ role: t.field(role), on: t.field(on), sensitive: t.boolean(sensitive) }),
});

export const GranteeInput = builder.inputType('GranteeInput', {
  description: 'Who is to have a role: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    apiKey: t.string({ description: 'The API key of this name.' }),
    user: t.string({ description: 'Whom tokens name so.' }),
    group: t.string({ description: 'Whom tokens say to be in this group.' }),
  }),
});

export const GrantInput = builder.inputType('GrantInput', {
  description: 'A role for somebody.',
  fields: (t) => ({
    to: t.field({ type: GranteeInput, required: true, description: 'Who is to have it.' }),
    role: t.field(role),
    on: t.field(on),
    sensitive: t.boolean(sensitive),
  }),
});
