import type { FastifyInstance, FastifyReply } from 'fastify';
import { Failure } from '../providers/contract/failure.ts';
import type { Application } from '../src/application.ts';
import { type DownloadFormat, downloadFormats, downloadRun, isDownloadFormat } from '../src/retrieval/download.ts';
import { findRun, storeOfRun } from '../src/retrieval/runs.ts';

type Download = { Params: { id: string }; Querystring: { format?: string } };

/** The rows of a run as a file that streams: `GET /runs/:id?format=CSV`. */
export function serveDownloads(server: FastifyInstance, { database, registry, stores, logger }: Application): void {
  server.get<Download>('/runs/:id', async (request, reply) => {
    try {
      const format = formatOf(request.query.format ?? 'PARQUET');
      const run = await findRun(database, request.params.id);
      if (run === undefined) throw new Failure('NOT_FOUND', `There is no run "${request.params.id}".`);
      const store = await storeOfRun(stores, registry.catalog, run);
      const aborted = new AbortController();
      request.raw.on('close', () => aborted.abort());
      const { contentType, extension } = downloadFormats[format];
      reply.type(contentType).header('content-disposition', `attachment; filename="${run.id}.${extension}"`);
      return await reply.send(await downloadRun(stores, store, run, format, aborted.signal));
    } catch (error) {
      return refuse(reply, error, logger);
    }
  });
}

function formatOf(text: string): DownloadFormat {
  const format = text.toUpperCase();
  if (isDownloadFormat(format)) return format;
  throw new Failure('INVALID_INPUT', `There is no format "${text}".`, {
    issues: [{ path: 'format', message: 'is no format', fix: `There are ${Object.keys(downloadFormats).join(', ')}.` }],
  });
}

const statuses: Partial<Record<Failure['code'], number>> = {
  NOT_FOUND: 404,
  INVALID_INPUT: 400,
  UNSUPPORTED: 400,
  UNAVAILABLE: 503,
};

function refuse(reply: FastifyReply, error: unknown, logger: Application['logger']): FastifyReply {
  if (!(error instanceof Failure)) {
    logger.error({ error }, 'a download failed');
    return reply
      .code(500)
      .send({ code: 'INTERNAL', message: 'Something went wrong inside featuregraph. Its log says what.' });
  }
  const { code, message, issues } = error;
  return reply.code(statuses[code] ?? 500).send({ code, message, issues });
}
