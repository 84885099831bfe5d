import type { GivenDocument } from '../src/documents/document.ts';
import type { Published } from '../src/documents/trusted-documents.ts';
import { type ConnectionArguments, pageOf } from './connections.ts';
import type { RequestContext } from './request-context.ts';

export function documentsPage({ application }: RequestContext, args: ConnectionArguments) {
  return pageOf(args, application.documents.list());
}

export function publishDocuments(
  { application, user }: RequestContext,
  documents: readonly GivenDocument[],
): Promise<Published> {
  return application.documents.publish(documents, user);
}

export function unpublishDocuments({ application }: RequestContext, ids: readonly string[]): Promise<string[]> {
  return application.documents.unpublish(ids);
}
