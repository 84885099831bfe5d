import { auditPage } from '../resolvers/audit.ts';
import type { AuditRecord as AuditRecordShape } from '../src/audit/audit-entry.ts';
import { builder } from './builder.ts';
import { AuditOutcomeEnum } from './enums.ts';

const AuditRecord = builder.objectRef<AuditRecordShape>('AuditRecord').implement({
  description: 'Something that was done or denied. Records are never changed.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When; the first time, where it is several alike.' }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last time, where it is several alike; otherwise null.',
    }),
    count: t.exposeFloat('count', {
      description: 'How many alike it stands for: denials, failed keys and pushes are gathered.',
    }),
    principalKind: t.exposeString('principalKind', { description: 'How it was known who it was.' }),
    principalId: t.exposeString('principalId', { description: 'Who it was, for ever.' }),
    principalName: t.exposeString('principalName', { description: 'What they are called.' }),
    action: t.exposeString('action', { description: 'What was done or asked for, as REGISTER or PUSH.' }),
    resource: t.exposeString('resource', {
      nullable: true,
      description: 'To what, as "FEATURE_VIEW stats@v1"; null where it was nothing in particular.',
    }),
    outcome: t.expose('outcome', { type: AuditOutcomeEnum, description: 'Whether it was done.' }),
    code: t.exposeString('code', { nullable: true, description: 'The code that it was refused with.' }),
    address: t.exposeString('address', { nullable: true, description: 'The network address that asked.' }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'What the client says that it is.' }),
    transport: t.exposeString('transport', { description: 'HTTP or WEBSOCKET; INTERNAL where several were gathered.' }),
    details: t.field({
      type: 'JSONValue',
      nullable: true,
      description: 'The difference, field by field, of what was registered; without secrets.',
      resolve: ({ details }) => details,
    }),
  }),
});

const AuditFilter = builder.inputType('AuditFilter', {
  description: 'Which records: all that is given must hold.',
  fields: (t) => ({
    principal: t.string({ description: 'Of whom, by id or name.' }),
    action: t.string({ description: 'What was done.' }),
    resource: t.string({ description: 'To what, as "FEATURE_VIEW stats@v1".' }),
    outcome: t.field({ type: AuditOutcomeEnum, description: 'Whether it was done.' }),
    from: t.field({ type: 'DateTime', description: 'Not before.' }),
    to: t.field({ type: 'DateTime', description: 'Before.' }),
  }),
});

builder.queryField('audit', (t) =>
  t.connection(
    {
      type: AuditRecord,
      description: 'What was done and denied, the newest first.',
      args: { filter: t.arg({ type: AuditFilter, description: 'Which ones; all when left out.' }) },
      resolve: (_root, { filter, ...args }, context) => auditPage(context, filter ?? {}, args),
    },
    { description: 'A page of the audit log.' },
    { description: 'One record of a page.' },
  ),
);
