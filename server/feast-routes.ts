import type { FastifyInstance } from 'fastify';
import { Failure } from '../providers/contract/failure.ts';
import { feastOnlineFeatures, feastPush } from '../resolvers/feast.ts';
import type { Application } from '../src/application.ts';
import { parseExactly } from '../src/feast/exact-json.ts';
import { answerText } from './answer-text.ts';
import { contextOf } from './graphql-routes.ts';
import { answerPlainFailure } from './plain-failure.ts';
import type { RequestAuthentication } from './principal.ts';
import type { RequestRate } from './request-rate.ts';

/**
 * The two addresses of Feast's feature server that model services ask, so that one moves by changing an address: `POST
 * /get-online-features` and `POST /push`. What fails is told with HTTP's status, and as FastAPI's `detail` besides our own fields.
 */
export async function serveFeast(
  server: FastifyInstance,
  application: Application,
  authentication: RequestAuthentication,
  rate: RequestRate,
): Promise<void> {
  const { logger, configuration } = application;
  const { bodyBytes, bulkBodyBytes } = configuration.limits;
  await server.register(async (routes) => {
    routes.removeContentTypeParser('application/json');
    routes.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
      try {
        done(null, parseExactly(text as string));
      } catch {
        done(new Failure('INVALID_INPUT', 'The body is no JSON.'));
      }
    });
    routes.addHook('onRequest', async (request) => {
      await authentication.authenticate(request);
      await rate.check(request);
    });
    routes.setErrorHandler((error, _request, reply) =>
      answerPlainFailure(reply, error, logger, (detail) => ({ detail })),
    );
    routes.post('/get-online-features', { bodyLimit: bodyBytes }, async (request, reply) => {
      const answer = await feastOnlineFeatures(contextOf(application, request, reply), request.body);
      return reply.type('application/json').send(await answerText(answer));
    });
    routes.post('/push', { bodyLimit: bulkBodyBytes }, async (request, reply) => {
      await feastPush(contextOf(application, request, reply), request.body);
      return reply.code(200).send();
    });
  });
}
