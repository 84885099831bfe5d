import type { Action } from './role.ts';

/** What a field of the graph needs: one of these actions on something at least, or nothing but to be known. */
export type FieldRule = readonly Action[] | 'ANYBODY';

const view = ['VIEW'] as const;
const register = ['REGISTER'] as const;
const administer = ['ADMINISTER'] as const;

/**
 * What each field needs before anything is looked up, whoever asks and by whatever way. What it leads to is then looked up
 * among what may be seen or served, and asked for by itself. Each root field has a rule here, and each other field that
 * gives values, or makes the server ask others; all other fields say of something what whoever has reached it may know.
 */
export const fieldRules: Readonly<Record<string, FieldRule>> = {
  'Query.viewer': 'ANYBODY',
  'Query.apiKeys': administer,
  'Query.grants': administer,
  'Query.node': view,
  'Query.nodes': view,
  'Query.resource': view,
  'Query.resources': view,
  'Query.provider': view,
  'Query.providers': view,
  'Query.entity': view,
  'Query.entities': view,
  'Query.source': view,
  'Query.sources': view,
  'Query.featureView': view,
  'Query.featureViews': view,
  'Query.feature': view,
  'Query.features': view,
  'Query.label': view,
  'Query.labels': view,
  'Query.trainingSet': view,
  'Query.trainingSets': view,
  'Query.featureService': view,
  'Query.featureServices': view,
  'Query.model': view,
  'Query.models': view,
  'Query.job': view,
  'Query.jobs': view,
  'Query.documents': view,
  'Query.audit': administer,
  'Query.plan': register,
  'Query.onlineFeatures': ['SERVE'],
  'Query.nearest': ['SERVE'],
  'Mutation.apply': register,
  'Mutation.registerProvider': register,
  'Mutation.registerEntity': register,
  'Mutation.registerSource': register,
  'Mutation.registerFeatureView': register,
  'Mutation.registerLabel': register,
  'Mutation.registerTrainingSet': register,
  'Mutation.registerFeatureService': register,
  'Mutation.registerModel': register,
  'Mutation.updateResource': register,
  'Mutation.deleteResource': register,
  'Mutation.testProvider': ['OPERATE', 'REGISTER'],
  'Mutation.materialize': ['RUN'],
  'Mutation.transform': ['RUN'],
  'Mutation.buildTrainingSet': ['RUN'],
  'Mutation.cancelJob': ['OPERATE', 'RUN', 'READ'],
  'Mutation.retryJob': ['OPERATE', 'RUN', 'READ'],
  'Mutation.pushFeatures': ['PUSH'],
  'Mutation.retrieveHistoricalFeatures': ['READ'],
  'Mutation.resealSecrets': administer,
  'Mutation.publishDocuments': register,
  'Mutation.unpublishDocuments': register,
  'Mutation.createApiKey': administer,
  'Mutation.rotateApiKey': administer,
  'Mutation.revokeApiKey': administer,
  'Mutation.grantRole': administer,
  'Mutation.revokeRole': administer,
  'Subscription.jobUpdates': view,
  'Subscription.resourceChanges': view,
  'Source.preview': ['READ'],
  'TrainingRun.rows': ['READ'],
  'TrainingRun.download': ['READ'],
  'TrainingSet.rows': ['READ'],
  'TrainingSet.download': ['READ'],
  'Provider.health': ['OPERATE', 'REGISTER'],
  'Neighbor.features': ['SERVE'],
};
