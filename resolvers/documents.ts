import type { GivenDocument } from '../src/documents/document.ts';
import type { DocumentWitness, Published } from '../src/documents/trusted-documents.ts';
import { type ConnectionArguments, pageOf } from './connections.ts';
import type { RequestContext } from './request-context.ts';

export function documentsPage({ application }: RequestContext, args: ConnectionArguments) {
  return pageOf(args, application.documents.list());
}

export function publishDocuments(context: RequestContext, documents: readonly GivenDocument[]): Promise<Published> {
  return context.application.documents.publish(documents, context.user, documentWitness(context, 'PUBLISH_DOCUMENT'));
}

export function unpublishDocuments(context: RequestContext, ids: readonly string[]): Promise<string[]> {
  return context.application.documents.unpublish(ids, documentWitness(context, 'UNPUBLISH_DOCUMENT'));
}

function documentWitness({ application, actor }: RequestContext, action: string): DocumentWitness {
  return (trx, ids) =>
    application.audit.recordIn(
      trx,
      ids.map((id) => ({ actor, action, resource: `DOCUMENT ${id}`, outcome: 'DONE' })),
    );
}
