import { providerHealth, testProvider } from '../resolvers/providers.ts';
import { productOf, rolesOf } from '../src/registry/provider-roles.ts';
import { builder } from './builder.ts';
import { ProviderInput } from './definition-inputs.ts';
import { ProviderRoleEnum } from './enums.ts';
import { Provider } from './nouns.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';

const ProviderHealth = builder.objectRef<Awaited<ReturnType<typeof providerHealth>>>('ProviderHealth').implement({
  description: 'Whether a provider answers.',
  fields: (t) => ({
    healthy: t.exposeBoolean('healthy', { description: 'Whether it answered just now.' }),
    message: t.exposeString('message', { nullable: true, description: 'What is wrong, and what would put it right.' }),
    warnings: t.exposeStringList('warnings', {
      description: 'What should be otherwise, though it answers, as a user that can do more than queries should.',
    }),
    milliseconds: t.exposeFloat('milliseconds', { description: 'How long the answer took.' }),
  }),
});

builder.node(Provider, {
  description: 'A connection to infrastructure. Its product tells what it can serve as.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('PROVIDER'),
  id: { resolve: (provider) => provider.ref },
  loadOne: (ref, { catalog }) => catalog.find('PROVIDER', ref),
  fields: (t) => ({
    product: t.string({ description: 'Which product it is.', resolve: ({ definition }) => productOf(definition) }),
    roles: t.field({
      type: [ProviderRoleEnum],
      description: 'What it can serve as.',
      resolve: ({ definition }) => [...rolesOf(definition)],
    }),
    health: t.field({
      type: ProviderHealth,
      description: 'Asks it, now, whether it answers.',
      resolve: (provider, _args, context) => providerHealth(context, provider),
    }),
  }),
});

builder.mutationField('testProvider', (t) =>
  t.field({
    type: ProviderHealth,
    description: 'Connects to a provider as it would be registered, asks whether it answers, and lets go of it again.',
    args: {
      definition: t.arg({ type: ProviderInput, required: true, description: 'The provider.' }),
      roles: t.arg({
        type: [ProviderRoleEnum],
        description: 'What it is to serve as; the first that its product can when left out.',
      }),
    },
    resolve: (_root, { definition, roles }, context) => testProvider(context, { provider: definition }, roles),
  }),
);
