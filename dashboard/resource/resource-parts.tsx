import type { ReactNode } from 'react';
import { Empty } from '../parts/empty.tsx';
import { LeakCheck } from '../training/leak-check.tsx';
import { TrainingRows } from '../training/training-rows.tsx';
import { FeatureValues } from './feature-values.tsx';
import { Preview } from './preview.tsx';
import { ProviderHealth } from './provider-health.tsx';
import type { Resource } from './resource-facts.tsx';
import { ServiceHealth } from './service-health.tsx';

export type Part = readonly [id: string, text: string, show: () => ReactNode];

/** What is computed on demand has no values before it is asked for. */
function valuesOf({ ref, type, view }: Extract<Resource, { __typename: 'Feature' }>): Part[] {
  return view === null
    ? []
    : [['values', 'Values now', () => <FeatureValues reference={ref} type={type} view={view.id} />]];
}

/** What a page shows of one kind alone. */
export function partsOf(of: Resource): Part[] {
  switch (of.__typename) {
    case 'Source':
      return [['rows', 'Rows', () => <Preview source={of.ref} />]];
    case 'FeatureView':
    case 'Label':
      return [['rows', 'Rows', () => <Preview source={of.source.ref} />]];
    case 'Feature':
      return valuesOf(of);
    case 'FeatureService':
      return [['health', 'Contract', () => <ServiceHealth reference={of.ref} />]];
    case 'Model':
      return [
        [
          'health',
          'Contract',
          () =>
            of.featureServices.length === 0 ? (
              <Empty title="No feature service serves it">What a model reads is named by a feature service.</Empty>
            ) : (
              of.featureServices.map(({ ref }) => <ServiceHealth key={ref} reference={ref} />)
            ),
        ],
      ];
    case 'TrainingSet':
      return [
        ['rows', 'Rows', () => <TrainingRows reference={of.ref} />],
        ['leaks', 'Leak check', () => <LeakCheck reference={of.ref} />],
      ];
    case 'Provider':
      return [['health', 'Health', () => <ProviderHealth reference={of.ref} holds={of.downstream} />]];
    default:
      return [];
  }
}
