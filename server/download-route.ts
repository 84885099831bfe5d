import type { FastifyInstance } from 'fastify';
import { Failure } from '../providers/contract/failure.ts';
import { type SplitPart, splitParts } from '../providers/contract/point-in-time-plan.ts';
import { isDenial, recordDenial } from '../resolvers/denials.ts';
import { demandRows, maskedColumns, mayBeSeen } from '../resolvers/run-access.ts';
import { sensitiveValues } from '../src/access/forbidden.ts';
import type { Application } from '../src/application.ts';
import {
  type DownloadFormat,
  downloadAddress,
  downloadFormats,
  downloadRun,
  isDownloadFormat,
  storedFile,
} from '../src/retrieval/download.ts';
import { findRun, storeOfRun } from '../src/retrieval/runs.ts';
import { rowsOfPart } from '../src/retrieval/split.ts';
import { compressed } from './compressed.ts';
import { contextOf } from './graphql-routes.ts';
import { answerPlainFailure } from './plain-failure.ts';
import { credentialsOf, type RequestAuthentication } from './principal.ts';
import { endStalledReader } from './stalled-reader.ts';
import { sendStoredFile } from './stored-file.ts';

/** A parameter that is given twice is a list. */
type Parameter = string | string[] | undefined;
type Query = { format?: Parameter; split?: Parameter; ticket?: Parameter };
type Download = { Params: { id: string }; Querystring: Query };

/**
 * The rows of a run as a file that streams: `GET /runs/:id?format=CSV`. A whole one can be told from one that was cut: by
 * `content-length` where the length is known before, otherwise by the trailer `x-featuregraph-outcome: complete`, without
 * which the connection was closed before the end. How many rows there are is in `x-featuregraph-rows`. Of a file that is
 * stored as it is asked for, ranges may be asked for too: readers of Parquet then take only the columns that they need.
 */
export function serveDownloads(
  server: FastifyInstance,
  application: Application,
  authentication: RequestAuthentication,
): void {
  const { configuration, database, registry, stores, audit, logger } = application;
  server.get<Download>('/runs/:id', async (request, reply) => {
    try {
      await authentication.authenticate(request, { ...credentialsOf(request), ticket: ticketOf(request) });
      const context = contextOf(application, request, reply);
      context.demand('READ');
      const format = formatOf(oneOf('format', request.query.format) ?? 'PARQUET');
      const run = await findRun(database, request.params.id);
      if (run === undefined || !mayBeSeen(context, run))
        throw new Failure('NOT_FOUND', `There is no run "${request.params.id}".`);
      demandRows(context, run);
      // A file whose cells are empty for no reason that it tells would be taken for the whole.
      const [masked] = maskedColumns(context, run);
      if (masked !== undefined) throw sensitiveValues(`the column "${masked}"`);
      const split = oneOf('split', request.query.split);
      const filter = split === undefined ? undefined : rowsOfPart(run, partOf(split));
      const store = await storeOfRun(stores, registry.catalog, run);
      const aborted = new AbortController();
      request.raw.on('close', () => aborted.abort());
      const { slowReaderMs } = configuration.limits;
      const stopWatching = endStalledReader(request.raw.socket, slowReaderMs, () => {
        logger.warn({ run: run.id }, 'a download was ended: its client took nothing of it');
        aborted.abort();
      });
      reply.raw.once('close', stopWatching);
      audit.record({
        actor: context.actor,
        action: 'DOWNLOAD',
        resource: `RUN ${run.id}`,
        outcome: 'DONE',
      });
      const { contentType, extension } = downloadFormats[format];
      const logCut = (error: unknown) => {
        if (!aborted.signal.aborted) logger.error({ error, run: run.id }, 'a download was cut');
      };
      const rows = filter === undefined ? run.rows : await store.countRun(run.id, filter);
      // Nothing is said of an answer before it is there: a refusal is of another type.
      const begin = () =>
        reply
          .type(contentType)
          .header('content-disposition', `attachment; filename="${run.id}.${extension}"`)
          .header('x-featuregraph-rows', rows)
          .header('cache-control', 'private');
      const file = storedFile(store, run, format, filter);
      if (file !== undefined) return await sendStoredFile(request, begin, file, aborted.signal, logCut);
      const { stream, bytes } = await downloadRun(stores, store, run, format, aborted.signal, filter);
      stream.once('error', logCut);
      begin();
      if (bytes === undefined) reply.trailer('x-featuregraph-outcome', async () => 'complete');
      else reply.header('content-length', bytes);
      // Parquet is compressed by itself.
      return await reply.send(bytes === undefined ? compressed(request, reply, stream) : stream);
    } catch (error) {
      if (isDenial(error)) recordDenial(contextOf(application, request, reply), 'download');
      return answerPlainFailure(reply, error, logger);
    }
  });
}

/** A ticket is for an address as the graph wrote it, with nothing left out and nothing added. */
function ticketOf({ params, query }: { params: { id: string }; query: Query }) {
  const { format, split, ticket } = query;
  if (typeof ticket !== 'string') return undefined;
  const written = (one: Parameter) => (one === undefined ? undefined : String(one));
  return { written: ticket, address: downloadAddress(params.id, written(format) ?? '', written(split)) };
}

function oneOf(path: string, given: Parameter): string | undefined {
  if (!Array.isArray(given)) return given;
  throw new Failure('INVALID_INPUT', `The parameter "${path}" is given twice.`, {
    issues: [{ path, message: `is given ${given.length} times`, fix: 'Give it once.' }],
  });
}

function formatOf(text: string): DownloadFormat {
  const format = text.toUpperCase();
  if (isDownloadFormat(format)) return format;
  throw new Failure('INVALID_INPUT', `There is no format "${text}".`, {
    issues: [{ path: 'format', message: 'is no format', fix: `There are ${Object.keys(downloadFormats).join(', ')}.` }],
  });
}

function partOf(text: string): SplitPart {
  const part = splitParts.find((one) => one === text.toUpperCase());
  if (part !== undefined) return part;
  throw new Failure('INVALID_INPUT', `There is no part "${text}".`, {
    issues: [{ path: 'split', message: 'is no part of a split', fix: `There are ${splitParts.join(', ')}.` }],
  });
}
