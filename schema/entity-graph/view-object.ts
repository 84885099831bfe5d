import {
  GraphQLEnumType,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import { featureValue, nearestEntities, storedFeatures, type ViewNode } from '../../resolvers/entity-graph.ts';
import type { RequestContext } from '../../resolvers/request-context.ts';
import type { ViewType } from '../../src/entity-graph/entity-types.ts';
import type { FeatureField } from '../../src/entity-graph/feature-fields.ts';
import { embeddingEnumName } from '../../src/registry/naming.ts';
import { description, viewDescription } from './descriptions.ts';
import { inaccessible, tags } from './directives.ts';
import { staticEnum, staticInput, staticObject, staticScalar } from './static-types.ts';
import { outputType, outputValue } from './value-types.ts';

type Fields = GraphQLFieldConfigMap<ViewNode, RequestContext>;
type Field = GraphQLFieldConfig<ViewNode, RequestContext>;

/** A view's own type: its features, and what is known of the row. `neighbor` is what its entity's neighbours are. */
export function viewObject(view: ViewType, neighbor: GraphQLObjectType): GraphQLObjectType {
  const valueTags = [...new Set([...view.valueTags, ...view.features.flatMap((feature) => feature.valueTags)])];
  const embeddings = view.features.filter(({ type }) => type.kind === 'VECTOR');
  return new GraphQLObjectType<ViewNode, RequestContext>({
    name: view.name,
    description: viewDescription(view.latest.view),
    extensions: { directives: tags(view.latest.view.definition.tags) },
    fields: (): Fields => ({
      ...Object.fromEntries(view.features.map((feature) => [feature.field, featureField(feature)])),
      ...(embeddings.length > 0 && {
        nearest: { ...nearestField(view, embeddings, neighbor), extensions: { valueTags } },
      }),
      ...rowFields,
      _features: { ...rowFields._features, extensions: { valueTags } },
    }),
  });
}

/** So many components of a vector cost what one value of its own does. */
const componentsOfValue = 4;

function featureField(feature: FeatureField): Field {
  const { field, type } = feature;
  return {
    type: outputType(type),
    description: description(feature, `${feature.ref}.`),
    deprecationReason: feature.deprecated,
    extensions: {
      ...(type.kind === 'VECTOR' && { cost: 1 + Math.ceil(type.dimensions / componentsOfValue) }),
      valueTags: feature.valueTags,
      directives: [...(feature.inaccessible ? [inaccessible] : []), ...tags(feature.tags)],
    },
    resolve: (node, _args, context) => {
      const value = featureValue(context, node, field);
      return value instanceof Promise ? value.then((one) => outputValue(type, one)) : outputValue(type, value);
    },
  };
}

/** What every view has. Names of features never begin with an underscore. */
const rowFields = {
  _status: {
    type: new GraphQLNonNull(staticEnum('ValueStatus')),
    description: 'What the row as a whole is: PRESENT, NOT_FOUND, OUTSIDE_TTL or ERROR.',
    resolve: ({ status }) => status,
  },
  _eventTimestamp: {
    type: staticScalar('DateTime'),
    description: 'When the row came true; null where there is none.',
    resolve: ({ eventTimestamp }) => eventTimestamp,
  },
  _features: {
    type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(staticObject('StoredFeature')))),
    description:
      'Features with their exact values and what each value is: also of NaN and infinities, for which their fields are null.',
    args: {
      names: {
        type: new GraphQLList(new GraphQLNonNull(GraphQLString)),
        description: 'Which features, by their fields or registered names; all when left out.',
      },
    },
    resolve: (node, { names }, context) => storedFeatures(context, node, names),
  },
  _meta: {
    type: new GraphQLNonNull(staticObject('FeatureViewMeta')),
    description: 'Where the values come from.',
    resolve: (node, _args, context) => {
      context.demandOn('VIEW', node.variant.view);
      return node;
    },
  },
} satisfies Fields;

function nearestField(view: ViewType, embeddings: readonly FeatureField[], neighbor: GraphQLObjectType): Field {
  const names = embeddings.map((embedding) => {
    return [embedding.field, { description: description(embedding, `${embedding.ref}.`) }] as const;
  });
  const choice = new GraphQLEnumType({
    name: embeddingEnumName(view.name),
    description: `The embeddings of ${view.name}.`,
    values: Object.fromEntries(names),
  });
  return {
    type: new GraphQLList(new GraphQLNonNull(neighbor)),
    description: 'The nearest to its own embedding, the nearest first, itself left out; null where it has none.',
    args: {
      k: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 10, description: 'How many: 1,000 at most.' },
      feature: {
        type: new GraphQLNonNull(choice),
        defaultValue: embeddings[0]?.field,
        description: 'By which embedding.',
      },
      filter: {
        type: staticInput('VectorFilter'),
        description: 'What must hold of a neighbour, by features of this view.',
      },
    },
    resolve: (node, { k, feature, filter }, context) => nearestEntities(context, node, { k, feature, filter }),
  };
}
