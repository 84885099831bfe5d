import {
  Blocks,
  Boxes,
  Calculator,
  Columns3,
  Database,
  FileInput,
  KeyRound,
  type LucideIcon,
  Rows3,
  Tag,
  Waypoints,
} from 'lucide-react';
import type { ResourceKind } from '../generated/operations.ts';

export type Kind = { kind: ResourceKind; path: string; one: string; many: string; icon: LucideIcon; says: string };

const kind = (kind: ResourceKind, path: string, one: string, many: string, icon: LucideIcon, says: string): Kind => ({
  kind,
  path,
  one,
  many,
  icon,
  says,
});

/** Every kind of resource: how it is called, and where its list is. */
export const kinds: readonly Kind[] = [
  kind('ENTITY', 'entities', 'entity', 'Entities', KeyRound, 'What features describe, and the keys it has.'),
  kind('SOURCE', 'sources', 'source', 'Sources', FileInput, 'Files, tables, and SQL over them.'),
  kind('FEATURE_VIEW', 'feature-views', 'feature view', 'Feature views', Rows3, 'Features that are written together.'),
  kind(
    'ON_DEMAND_FEATURE_VIEW',
    'on-demand-feature-views',
    'on-demand feature view',
    'On-demand views',
    Calculator,
    'Features that are computed when they are asked for.',
  ),
  kind('FEATURE', 'features', 'feature', 'Features', Columns3, 'One typed value of a view.'),
  kind('LABEL', 'labels', 'label', 'Labels', Tag, 'What a model learns to predict.'),
  kind(
    'TRAINING_SET',
    'training-sets',
    'training set',
    'Training sets',
    Blocks,
    'A label and features, point-in-time.',
  ),
  kind('FEATURE_SERVICE', 'feature-services', 'feature service', 'Feature services', Waypoints, 'What a model reads.'),
  kind('MODEL', 'models', 'model', 'Models', Boxes, 'Who consumes features.'),
  kind('PROVIDER', 'providers', 'provider', 'Providers', Database, 'Connections to stores.'),
];

const byKind = Object.fromEntries(kinds.map((one) => [one.kind, one])) as Readonly<Record<ResourceKind, Kind>>;

export function kindOf(of: ResourceKind): Kind {
  return byKind[of];
}

export function kindAt(path: string): Kind | undefined {
  return kinds.find((one) => one.path === path);
}
