import { Agent, type Dispatcher } from 'undici';
import { type Hosts, refuseAddress } from '../peers/hosts.ts';

/** What answers in a way that Qdrant does not. */
export class QdrantPeerError extends Error {}

/** The longest answer that is read. What is asked for is far shorter: requests are for so many points at most. */
const longestAnswer = 32 * 1_048_576;
const connections = 25;

/**
 * Sends requests to allowed hosts only, and reads no answer without end: neither a long one, nor one that is packed and would be
 * long. How long a request may take is its own matter.
 */
export function boundedDispatcher(hosts: Hosts | undefined): Dispatcher {
  const connect = hosts === undefined ? {} : { connect: { lookup: hosts.lookup } };
  const agent = new Agent({ connections, keepAliveTimeout: 10_000, headersTimeout: 0, bodyTimeout: 0, ...connect });
  return agent.compose((dispatch) => (options, handler) => {
    refuseAddress(new URL(String(options.origin)).hostname, hosts);
    return dispatch(options, boundedAnswer(handler));
  });
}

function boundedAnswer(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  let read = 0;
  return {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onRequestUpgrade: (controller, status, headers, socket) =>
      handler.onRequestUpgrade?.(controller, status, headers, socket),
    onResponseStart(controller, status, headers, words) {
      if (headers['content-encoding'] === undefined) handler.onResponseStart?.(controller, status, headers, words);
      else controller.abort(new QdrantPeerError('it packs its answer, which was not asked for'));
    },
    onResponseData(controller, chunk) {
      read += chunk.length;
      if (read <= longestAnswer) handler.onResponseData?.(controller, chunk);
      else controller.abort(new QdrantPeerError('its answer is too long to be read'));
    },
    onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  };
}
