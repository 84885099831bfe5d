import { Failure, type Issue } from '../providers/contract/failure.ts';
import { type Preview, previewOf } from '../src/on-demand/preview.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { checkOnDemandView } from '../src/registry/on-demand/check-on-demand-view.ts';
import { entityOfInputs } from '../src/registry/on-demand/on-demand-entity.ts';
import { draughtPlan } from '../src/registry/planning.ts';
import { requireSelection } from '../src/registry/selection.ts';
import type { Json } from '../src/values/json-value.ts';
import { definitionFrom } from './registration.ts';
import type { RequestContext } from './request-context.ts';

type View = ResourceOf<'ON_DEMAND_FEATURE_VIEW'>;
type Rows = readonly Record<string, Json>[];

export function onDemandInputs({ catalog, everything }: RequestContext, { definition }: View) {
  return requireSelection(everything, definition.inputs).filter(
    ({ feature }) => catalog.byId(feature.id) !== undefined,
  );
}

export function onDemandFeatures(context: RequestContext, { ref, definition }: View): ResourceOf<'FEATURE'>[] {
  context.spend('resources', definition.features.length);
  return definition.features.flatMap(({ name }) => context.catalog.find('FEATURE', `${ref}:${name}`) ?? []);
}

export function onDemandEntity({ catalog, everything }: RequestContext, view: View): ResourceOf<'ENTITY'> | null {
  const entity = entityOfInputs(everything, view);
  return (entity && catalog.find('ENTITY', entity.ref)) ?? null;
}

export function previewView(context: RequestContext, view: View, rows: Rows): Promise<Preview> {
  context.spend('cells', rows.length * view.definition.features.length);
  return previewOf(context.everything, view, rows, context.waiting);
}

/** As if it were registered: it may name what who asks may see. Fails with every issue that its registration would have. */
export async function previewDefinition(context: RequestContext, definition: object, rows: Rows): Promise<Preview> {
  context.demand('REGISTER');
  const issues: Issue[] = [];
  const input = definitionFrom({ onDemandFeatureView: definition });
  const { steps, after } = draughtPlan(context.catalog, [input], issues);
  const view = steps[0]?.resource as View | undefined;
  const report = (path: string, message: string, fix?: string) => {
    issues.push({ path: `definitions[0].${path}`, message, ...(fix !== undefined && { fix }) });
  };
  if (view !== undefined && issues.length === 0) checkOnDemandView(view, { catalog: after }, report);
  if (issues.length > 0 || view === undefined) throw invalid(issues);
  context.spend('cells', rows.length * view.definition.features.length);
  return previewOf(after, view, rows, context.waiting);
}

/** Its places are those in the one definition that was given. */
function invalid(issues: readonly Issue[]): Failure {
  const own = issues.map((issue) => ({ ...issue, path: issue.path.replace('definitions[0]', 'definition') }));
  return new Failure('INVALID_INPUT', 'The on-demand feature view is not valid.', { issues: own });
}
