import {
  apiKeys,
  createApiKey,
  grantRole,
  grants,
  keyIsValid,
  revokeApiKey,
  revokeRole,
  rotateApiKey,
  viewer,
  viewerGrants,
} from '../resolvers/access.ts';
import { pageOf } from '../resolvers/connections.ts';
import type { WrittenKey } from '../src/access/access.ts';
import type { ApiKey as ApiKeyShape } from '../src/access/api-key.ts';
import type { Grantee as GranteeShape, Grant as GrantShape, Selector } from '../src/access/grant.ts';
import type { GrantStep as GrantStepShape } from '../src/access/grant-planning.ts';
import type { Principal } from '../src/access/principal.ts';
import { grantInWords, writtenGrant } from '../src/access/written-grant.ts';
import type { Json } from '../src/values/json-value.ts';
import { GranteeInput, on, RoleInput, role, sensitive } from './access-inputs.ts';
import { builder } from './builder.ts';
import { GranteeKindEnum, PlanActionEnum, PrincipalKindEnum, ResourceKindEnum, RoleEnum } from './enums.ts';

const ApiKey = builder.objectRef<ApiKeyShape>('ApiKey').implement({
  description: 'A key by which a program says who it is. Its secret is told once, when it is made or rotated.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id: the part between the underscores.' }),
    name: t.exposeString('name', { description: 'What it is called: what it does is recorded under that.' }),
    gateway: t.exposeBoolean('gateway', {
      description: 'Whether it is of a gateway, which may say on behalf of whom it asks.',
    }),
    valid: t.boolean({ description: 'Whether it may be used now.', resolve: keyIsValid }),
    createdBy: t.exposeString('createdBy', { description: 'Who made it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends; null for never.',
    }),
    earlierSecretUntil: t.expose('earlierUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when the secret from before the last rotation is valid too.',
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was revoked.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, as far as that has been written: some half a minute late.',
    }),
  }),
});

const CreatedApiKey = builder.objectRef<WrittenKey>('CreatedApiKey').implement({
  description: 'A key with a new secret.',
  fields: (t) => ({
    apiKey: t.expose('key', { type: ApiKey, description: 'The key.' }),
    secret: t.exposeString('written', {
      description: 'The key as it is sent, after `Authorization: Bearer`. It is told this once, and kept nowhere.',
    }),
  }),
});

/** What tells one grant from another, and is in words. */
const grantDescription = 'The grant in words, as READER to group "analysts" on tag "sales": no two have the same.';

export const GrantStep = builder.objectRef<GrantStepShape>('GrantStep').implement({
  description: 'What applying one grant of a batch would do, or did.',
  fields: (t) => ({
    index: t.exposeInt('at', { description: 'Which definition of the batch, from 0.' }),
    action: t.expose('action', {
      type: PlanActionEnum,
      description: 'What would be done: UPDATE where it is there, but for whether it is for sensitive values.',
    }),
    description: t.string({ description: grantDescription, resolve: ({ grant }) => grantInWords(grant) }),
    sensitive: t.boolean({
      description: 'Whether it will be for sensitive values too.',
      resolve: ({ grant }) => grant.sensitive,
    }),
  }),
});

const Grantee = builder.objectRef<GranteeShape>('Grantee').implement({
  description: 'Who has a role.',
  fields: (t) => ({
    kind: t.expose('kind', { type: GranteeKindEnum, description: 'What the name is of.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
  }),
});

const GrantSelector = builder.objectRef<Selector>('GrantSelector').implement({
  description: 'What a role is bound to: all that is given must match. Nothing given is everything.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ResourceKindEnum, nullable: true, description: 'This noun.' }),
    tag: t.exposeString('tag', { nullable: true, description: 'What has this tag.' }),
    owner: t.exposeString('owner', { nullable: true, description: 'What has this owner.' }),
    ref: t.exposeString('ref', { nullable: true, description: 'What has this reference; `*` is any characters.' }),
  }),
});

const Grant = builder.objectRef<GrantShape>('AccessGrant').implement({
  description: 'A role that somebody has.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    role: t.expose('role', { type: RoleEnum, description: 'The role.' }),
    to: t.expose('grantee', { type: Grantee, description: 'Who has it.' }),
    on: t.expose('selector', { type: GrantSelector, description: 'What it is bound to.' }),
    sensitive: t.exposeBoolean('sensitive', { description: 'Whether it is for sensitive values too.' }),
    description: t.string({ description: grantDescription, resolve: (grant) => grantInWords(grant) }),
    definition: t.field({
      type: 'JSONObject',
      description: 'The same as a DefinitionInput: applying it again changes nothing.',
      resolve: (grant) => writtenGrant(grant) as Record<string, Json>,
    }),
    createdBy: t.exposeString('createdBy', { description: 'Who granted it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was granted.' }),
  }),
});

const Viewer = builder.objectRef<Principal>('Viewer').implement({
  description: 'Who asks.',
  fields: (t) => ({
    kind: t.expose('kind', { type: PrincipalKindEnum, description: 'How that is known.' }),
    name: t.exposeString('name', { description: 'What is recorded as who did something.' }),
    groups: t.field({
      type: ['String'],
      description: 'The groups that its token says it is in.',
      resolve: ({ groups }) => [...groups],
    }),
    through: t.exposeString('through', { nullable: true, description: 'The gateway that asks on its behalf.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its credential ends; null for never.',
    }),
    grants: t.field({
      type: [Grant],
      description: 'Its roles.',
      resolve: (_principal, _args, context) => [...viewerGrants(context)],
    }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: 'Who asks, and what roles it has.',
    resolve: (_root, _args, context) => viewer(context),
  }),
  apiKeys: t.connection(
    {
      type: ApiKey,
      description: 'API keys, the first made first. For administrators.',
      args: {
        includeRevoked: t.arg.boolean({ required: true, defaultValue: false, description: 'The revoked ones too.' }),
      },
      resolve: (_root, { includeRevoked, ...args }, context) => pageOf(args, apiKeys(context, includeRevoked)),
    },
    { description: 'A page of API keys.' },
    { description: 'One API key of a page.' },
  ),
  grants: t.connection(
    {
      type: Grant,
      description: 'Who has which role on what, the first granted first. For administrators.',
      resolve: (_root, args, context) => pageOf(args, grants(context)),
    },
    { description: 'A page of grants.' },
    { description: 'One grant of a page.' },
  ),
}));

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreatedApiKey,
    description: 'Makes an API key, with roles of its own. For administrators.',
    args: {
      name: t.arg.string({ required: true, description: 'What it is called: unique, and recorded with what it does.' }),
      roles: t.arg({ type: [RoleInput], description: 'What it may do: nothing when left out.' }),
      expiresAt: t.arg({ type: 'DateTime', description: 'When it ends; never when left out.' }),
      gateway: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Whether it may say on behalf of whom it asks.',
      }),
    },
    resolve: (_root, args, context) => createApiKey(context, args),
  }),
  rotateApiKey: t.field({
    type: CreatedApiKey,
    description: 'Gives an API key a new secret. The present one stays valid for the grace time. For administrators.',
    args: {
      id: t.arg.id({ required: true, description: "The key's id." }),
      grace: t.arg.string({
        required: true,
        defaultValue: '24h',
        description: 'How long the present secret stays valid, as 24h: 30d at most.',
      }),
    },
    resolve: (_root, { id, grace }, context) => rotateApiKey(context, id, grace),
  }),
  revokeApiKey: t.field({
    type: ApiKey,
    description: 'Ends an API key, its roles and what it watches. For administrators.',
    args: { id: t.arg.id({ required: true, description: "The key's id." }) },
    resolve: (_root, { id }, context) => revokeApiKey(context, id),
  }),
  grantRole: t.field({
    type: Grant,
    description: 'Gives somebody a role. An equal grant stays as it is, but for `sensitive`. For administrators.',
    args: {
      to: t.arg({ type: GranteeInput, required: true, description: 'Who is to have it.' }),
      role: t.arg(role),
      on: t.arg(on),
      sensitive: t.arg.boolean(sensitive),
    },
    resolve: (_root, { to, ...written }, context) => grantRole(context, to, written),
  }),
  revokeRole: t.field({
    type: Grant,
    description: 'Takes a role back. For administrators.',
    args: { id: t.arg.id({ required: true, description: "The grant's id." }) },
    resolve: (_root, { id }, context) => revokeRole(context, id),
  }),
}));
