import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Failure } from '../providers/contract/failure.ts';
import type { Application } from '../src/application.ts';
import { type AuditFilter, type AuditRecord, auditOutcomes } from '../src/audit/audit-entry.ts';
import { formatTimestamp, parseTimestamp } from '../src/values/timestamp.ts';
import { contextOf } from './graphql-routes.ts';
import type { RequestAuthentication } from './principal.ts';

const instant = z.string().transform((text, context) => {
  const read = parseTimestamp(text);
  if (read !== undefined) return read;
  context.addIssue('must be an instant like "2013-01-31T05:00:00Z"');
  return z.NEVER;
});

const parameters = z.strictObject({
  principal: z.string().optional(),
  action: z.string().optional(),
  resource: z.string().optional(),
  outcome: z.enum(auditOutcomes).optional(),
  from: instant.optional(),
  to: instant.optional(),
});

/**
 * The audit log as JSON Lines that stream, the newest first: `GET /audit.jsonl?principal=…`, with the filter of the graph's
 * `audit`. A whole one ends with the trailer `x-featuregraph-outcome: complete`.
 */
export function serveAudit(
  server: FastifyInstance,
  application: Application,
  authentication: RequestAuthentication,
): void {
  const { audit, logger } = application;
  server.get('/audit.jsonl', async (request, reply) => {
    await authentication.authenticate(request);
    contextOf(application, request, reply).demand('ADMINISTER');
    const lines = Readable.from(linesOf(audit.all(readFilter(request.query))));
    lines.once('error', (error) => logger.error({ error }, 'an export of the audit log was cut'));
    reply.type('application/x-ndjson').trailer('x-featuregraph-outcome', async () => 'complete');
    return reply.send(lines);
  });
}

function readFilter(query: unknown): AuditFilter {
  const read = parameters.safeParse(query);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Failure('INVALID_INPUT', 'The filter of the audit log is not valid.', { issues });
}

async function* linesOf(records: AsyncIterable<AuditRecord>): AsyncGenerator<string> {
  for await (const { at, until, ...record } of records) {
    const times = { at: formatTimestamp(at), until: until === null ? null : formatTimestamp(until) };
    yield `${JSON.stringify({ ...times, ...record })}\n`;
  }
}
