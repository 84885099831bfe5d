import 'graphiql/style.css';
import './playground.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
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
const fetcher = createGraphiQLFetcher({ url: '/graphql', subscriptionUrl: socket.href });

const tabs = [lineage, onlineFeatures, nearestAirports, search, trainingSet, jobs].map((query) => ({ query }));

const place = document.getElementById('playground');
if (place === null) throw new Error('the page has no place for the playground');

createRoot(place).render(
  <GraphiQL fetcher={fetcher} defaultTabs={tabs} defaultEditorToolsVisibility shouldPersistHeaders>
    <GraphiQL.Logo>featuregraph</GraphiQL.Logo>
  </GraphiQL>,
);
