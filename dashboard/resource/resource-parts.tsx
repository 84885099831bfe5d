import type { ReactNode } from 'react';
import { LeakCheck } from '../training/leak-check.tsx';
import { TrainingRows } from '../training/training-rows.tsx';
import { FeatureValues } from './feature-values.tsx';
import { Preview } from './preview.tsx';
import { ProviderHealth } from './provider-health.tsx';
import type { Resource } from './resource-facts.tsx';
import { ServiceHealth } from './service-health.tsx';

export type Part = readonly [id: string, text: string, show: () => ReactNode];

/** What is computed on demand has no values before it is asked for. */
function valuesOf(reference: string, view: string | undefined): Part[] {
  return view === undefined
    ? []
    : [['values', 'Values now', () => <FeatureValues reference={reference} view={view} />]];
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
      return valuesOf(of.ref, of.view?.id);
    case 'FeatureService':
      return [['health', 'Contract', () => <ServiceHealth reference={of.ref} />]];
    case 'Model':
      return [
        ['health', 'Contract', () => of.featureServices.map(({ ref }) => <ServiceHealth key={ref} reference={ref} />)],
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
