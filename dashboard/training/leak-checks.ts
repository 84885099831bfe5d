import type { LeakSubjectQuery, TrainingRowsQuery } from '../generated/operations.ts';
import { fewest, labelKnowledge } from './label-knowledge.ts';

export type Subject = NonNullable<LeakSubjectQuery['trainingSet']>;
export type Rows = NonNullable<NonNullable<TrainingRowsQuery['trainingSet']>['rows']>;

export type Checked = {
  name: string;
  ref: string;
  verdict: 'LEAKS' | 'SUSPICIOUS' | 'HEALTHY' | undefined;
  knows: number | undefined;
  why: string;
};

const leaksFrom = 0.98;
const suspiciousFrom = 0.8;

/** Each feature of a training set, what knows most of the label first. */
export function leakChecks({ label, features }: Subject, { columns, edges }: Rows): Checked[] {
  const places = new Map(columns.map(({ name, masked }, at) => [name, masked ? -1 : at]));
  const column = (name: string) => {
    const at = places.get(name) ?? -1;
    return at < 0 ? undefined : edges.map(({ node }) => node[at] ?? null);
  };
  const labels = column(label.name);
  const checked = features.map(({ name, feature }): Checked => {
    const values = column(name);
    const knows = values && labels ? labelKnowledge(values, labels) : undefined;
    const isMadeOfIt = (feature.origins ?? []).some(
      (one) => one.source.id === label.source.id && one.column === label.labelColumn,
    );
    return { name, ref: feature.ref, knows, ...verdictOf(knows, isMadeOfIt) };
  });
  return checked.toSorted((a, b) => weight(b) - weight(a));
}

function weight({ verdict, knows = 0 }: Checked): number {
  return (verdict === 'LEAKS' ? 2 : 0) + knows;
}

function verdictOf(knows: number | undefined, isMadeOfIt: boolean): Pick<Checked, 'verdict' | 'why'> {
  if (isMadeOfIt) return { verdict: 'LEAKS', why: "It is computed from the label's own column." };
  if (knows === undefined)
    return {
      verdict: undefined,
      why: `It takes ${fewest} rows with a label, of two values at least, and values that one may see.`,
    };
  if (knows >= leaksFrom) return { verdict: 'LEAKS', why: 'Its values alone tell the label.' };
  if (knows >= suspiciousFrom) return { verdict: 'SUSPICIOUS', why: 'Its values alone tell most of the label.' };
  return { verdict: 'HEALTHY', why: '' };
}
