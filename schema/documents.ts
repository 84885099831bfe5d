import { documentsPage, publishDocuments, unpublishDocuments } from '../resolvers/documents.ts';
import type { Published } from '../src/documents/trusted-documents.ts';
import { builder } from './builder.ts';
import { OperationTypeEnum } from './enums.ts';
import { TrustedDocument } from './nouns.ts';

builder.node(TrustedDocument, {
  description: 'A document that requests may name by its id instead of sending its text.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'publishedBy' in value,
  id: { resolve: (document) => document.id },
  loadOne: (id, { application }) => application.documents.get(id) ?? null,
  fields: (t) => ({
    documentId: t.exposeString('id', {
      description: 'What requests name it by: the SHA-256 of its text, in hexadecimal digits.',
    }),
    name: t.exposeString('name', { nullable: true, description: 'What its operation is called.' }),
    operation: t.expose('operation', { type: OperationTypeEnum, description: 'What its operation does.' }),
    text: t.exposeString('text', { description: 'The document itself.' }),
    publishedBy: t.exposeString('publishedBy', { description: 'Who published it.' }),
    publishedAt: t.expose('publishedAt', { type: 'DateTime', description: 'When it was published.' }),
  }),
});

const DocumentInput = builder.inputType('DocumentInput', {
  description: 'A document to publish.',
  fields: (t) => ({
    id: t.string({
      required: true,
      description: 'The SHA-256 of its text, in hexadecimal digits, with or without "sha256:" before them.',
    }),
    text: t.string({ required: true, description: 'One operation, with the fragments that it uses.' }),
  }),
});

const PublishResult = builder.objectRef<Published>('PublishResult').implement({
  description: 'What publishing documents did.',
  fields: (t) => ({
    published: t.expose('published', { type: [TrustedDocument], description: 'Those that were not published before.' }),
    unchanged: t.expose('unchanged', { type: [TrustedDocument], description: 'Those that were.' }),
  }),
});

builder.queryField('documents', (t) =>
  t.connection(
    {
      type: TrustedDocument,
      description: 'The documents that are published, by name.',
      resolve: (_root, args, context) => documentsPage(context, args),
    },
    { description: 'A page of published documents.' },
    { description: 'One published document of a page.' },
  ),
);

builder.mutationFields((t) => ({
  publishDocuments: t.field({
    type: PublishResult,
    description:
      'Publishes documents, all or none, so that every server of the deployment runs them by their ids. Each must fit the graph as it is now.',
    args: { documents: t.arg({ type: [DocumentInput], required: true, description: 'What to publish.' }) },
    resolve: (_root, { documents }, context) => publishDocuments(context, documents),
  }),
  unpublishDocuments: t.field({
    type: ['String'],
    description: 'Withdraws documents, all or none; answers with the ids that are gone.',
    args: { ids: t.arg.stringList({ required: true, description: 'Their ids.' }) },
    resolve: (_root, { ids }, context) => unpublishDocuments(context, ids),
  }),
}));
