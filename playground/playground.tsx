import 'graphiql/style.css';
import './playground.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, type GraphiQLProps } from 'graphiql';
import { type DocumentNode, getOperationAST, parse } from 'graphql';
import { createRoot } from 'react-dom/client';
import jobs from './examples/jobs.graphql';
import lineage from './examples/lineage.graphql';
import nearestAirports from './examples/nearest-airports.graphql';
import onlineFeatures from './examples/online-features.graphql';
import search from './examples/search.graphql';
import trainingSet from './examples/training-set.graphql';

/** Where the build put the workers, by the label that Monaco asks for. */
declare const WORKERS: { editor: string; json: string; graphql: string };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(label === 'json' || label === 'graphql' ? WORKERS[label] : WORKERS.editor),
};

const socket = new URL('/graphql', window.location.href);
socket.protocol = socket.protocol.replace('http', 'ws');
const send = createGraphiQLFetcher({ url: '/graphql', subscriptionUrl: socket.href });

/**
 * GraphiQL learns which operations a text holds a moment after it changed. Who runs it before that would run the one
 * of the tab before, so the text itself decides.
 */
const fetcher: GraphiQLProps['fetcher'] = (request, options) => {
  const documentAST = parsed(request.query);
  if (documentAST === undefined) return send(request, options);
  const only = getOperationAST(documentAST);
  const operationName = only ? (only.name?.value ?? null) : request.operationName;
  return send({ ...request, operationName }, { ...options, documentAST });
};

/** Undefined when it can't be parsed: the server says best what is wrong. */
function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined;
  }
}

const tabs = [lineage, onlineFeatures, nearestAirports, search, trainingSet, jobs].map((query) => ({ query }));

const place = document.getElementById('playground');
if (place === null) throw new Error('the page has no place for the playground');

createRoot(place).render(
  <GraphiQL fetcher={fetcher} defaultTabs={tabs} defaultEditorToolsVisibility>
    <GraphiQL.Logo>featuregraph</GraphiQL.Logo>
  </GraphiQL>,
);
