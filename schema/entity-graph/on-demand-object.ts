import {
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import {
  type OnDemandNode,
  onDemandFeaturesOf,
  onDemandNode,
  onDemandValue,
} from '../../resolvers/on-demand-values.ts';
import type { RequestContext } from '../../resolvers/request-context.ts';
import type { EntityNode } from '../../src/entity-graph/entity-rows.ts';
import type { FeatureField } from '../../src/entity-graph/feature-fields.ts';
import type { OnDemandType, RequestArgument } from '../../src/entity-graph/on-demand-types.ts';
import { description, viewDescription } from './descriptions.ts';
import { inaccessible, tags } from './directives.ts';
import { staticObject } from './static-types.ts';
import { outputType, outputValue } from './value-types.ts';

type Field = GraphQLFieldConfig<OnDemandNode, RequestContext>;

/** An on-demand view's own type: its features, computed of the arguments of its field. */
export function onDemandObject(view: OnDemandType): GraphQLObjectType {
  return new GraphQLObjectType<OnDemandNode, RequestContext>({
    name: view.name,
    description: viewDescription(view.latest.view),
    extensions: { directives: tags(view.latest.view.definition.tags) },
    fields: (): GraphQLFieldConfigMap<OnDemandNode, RequestContext> => ({
      ...Object.fromEntries(view.features.map((feature) => [feature.field, featureField(feature)])),
      _features: {
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(staticObject('StoredFeature')))),
        description:
          'Features with their exact values and what each value is: ERROR where it can not be computed. Also of NaN and infinities, for which their fields are null.',
        args: {
          names: {
            type: new GraphQLList(new GraphQLNonNull(GraphQLString)),
            description: 'Which features, by their fields or registered names; all when left out.',
          },
        },
        extensions: { valueTags: view.valueTags },
        resolve: (node, { names }, context) => onDemandFeaturesOf(context, node, names),
      },
    }),
  });
}

function featureField(feature: FeatureField): Field {
  const { type } = feature;
  return {
    type: outputType(type),
    description: description(feature, `${feature.ref}.`),
    deprecationReason: feature.deprecated,
    extensions: {
      valueTags: feature.valueTags,
      directives: [...(feature.inaccessible ? [inaccessible] : []), ...tags(feature.tags)],
    },
    resolve: (node, _, context) => {
      const value = onDemandValue(context, node, feature.field);
      return value instanceof Promise ? value.then((one) => outputValue(type, one)) : outputValue(type, value);
    },
  };
}

/** The field of an entity's type, whose arguments are the values of the request. */
export function onDemandField(
  view: OnDemandType,
  object: GraphQLObjectType,
): GraphQLFieldConfig<EntityNode, RequestContext> {
  const { definition } = view.latest.view;
  const values = view.request.map((argument) => [argument.name, requestArgument(argument)] as const);
  return {
    type: object,
    description: viewDescription(view.latest.view),
    deprecationReason: definition.deprecated,
    extensions: {
      valueTags: view.valueTags,
      directives: [...(definition.inaccessible ? [inaccessible] : []), ...tags(definition.tags)],
    },
    args: {
      ...Object.fromEntries(values),
      variant: {
        type: GraphQLString,
        description: `Which variant: ${[...view.variants.keys()].join(', ')}. The latest when left out.`,
      },
    },
    resolve: (node, given, context) => onDemandNode(context, node, view, given),
  };
}

/** Types of values are of scalars and lists, which are the same given and answered. */
function requestArgument({ name, type, isRequired, description: own }: RequestArgument) {
  const input = outputType(type) as GraphQLInputType;
  const isNonNull = isRequired && !(input instanceof GraphQLNonNull);
  return { type: isNonNull ? new GraphQLNonNull(input) : input, description: own || `The value ${name}.` };
}
