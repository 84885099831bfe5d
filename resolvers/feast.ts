import { Failure } from '../providers/contract/failure.ts';
import { type FeastAnswer, feastAnswer } from '../src/feast/online-answer.ts';
import {
  feastKeys,
  feastRequestValues,
  feastSelection,
  readFeastRequest,
  viewsOfPushSource,
} from '../src/feast/online-request.ts';
import { pushedRows, readFeastPush } from '../src/feast/pushed-rows.ts';
import type { Json } from '../src/values/json-value.ts';
import type { RequestContext } from './request-context.ts';
import { pushFeatures, selectedFeatures, serveSelected } from './serving.ts';

/** What `POST /get-online-features` of Feast's feature server is asked, and answers. Fails as `onlineFeatures` does. */
export async function feastOnlineFeatures(context: RequestContext, body: unknown): Promise<FeastAnswer> {
  const request = readFeastRequest(body);
  const { feature_service: service, features = [] } = request;
  const select = service === undefined ? { features: feastSelection(features, request) } : { service };
  const selected = selectedFeatures(context, select);
  const keys = feastKeys(selected, request);
  const served = await serveSelected(
    context,
    selected,
    keys.flatMap(({ columns }) => columns),
    { request: feastRequestValues(selected, request) },
  );
  return feastAnswer(keys, served, request);
}

/** What `POST /push` of Feast's feature server is asked: each view that the push source feeds gets the rows. */
export async function feastPush(context: RequestContext, body: unknown): Promise<void> {
  const push = readFeastPush(body);
  context.demand('PUSH');
  const { registry } = context.application;
  const views = viewsOfPushSource(context.catalog, push.push_source_name);
  if (views.length === 0) {
    const fix = 'Name a feature view, or give one the property feast_push_source with that name.';
    throw new Failure('NOT_FOUND', `Nothing is fed by a push source "${push.push_source_name}".`, {
      issues: [{ path: 'push_source_name', message: 'is the push source of no view', fix }],
    });
  }
  for (const view of views) {
    const rows = pushedRows(context.catalog, registry.get('FEATURE_VIEW', view), push);
    await pushFeatures(context, view, rows as Record<string, Json>[]);
  }
}
