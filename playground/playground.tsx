import 'graphiql/style.css';
import './playground.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, type GraphiQLProps } from 'graphiql';
import { type DocumentNode, getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { useState } from 'react';
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

/** Kept for as long as the tab is open, and sent to this server alone. */
const keptKey = 'featuregraph-key';
const authorization = (): { authorization?: string } => {
  const key = sessionStorage.getItem(keptKey);
  return key ? { authorization: `Bearer ${key}` } : {};
};

const wsClient = createClient({ url: socket.href, connectionParams: authorization });
const send = createGraphiQLFetcher({
  url: '/graphql',
  wsClient,
  fetch: (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(authorization())) if (!headers.has(name)) headers.set(name, value);
    return fetch(input, { ...init, headers });
  },
});

/** A new key is one for what is asked from now on: what is watched goes on with the key that it began with. */
function KeyField({ onKey }: { onKey: () => void }) {
  const [key, setKey] = useState(sessionStorage.getItem(keptKey) ?? '');
  return (
    <form
      className="key-field"
      onSubmit={(event) => {
        event.preventDefault();
        sessionStorage.setItem(keptKey, key.trim());
        wsClient.terminate();
        onKey();
      }}
    >
      <input
        type="password"
        aria-label="API key"
        placeholder="API key or token, where this server asks for one"
        autoComplete="off"
        value={key}
        onChange={({ target }) => setKey(target.value)}
      />
      <button type="submit">Use key</button>
    </form>
  );
}

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

/** Another key may see another schema: GraphiQL asks for it when it begins. */
function Playground() {
  const [begun, setBegun] = useState(0);
  return (
    <GraphiQL key={begun} fetcher={fetcher} defaultTabs={tabs} defaultEditorToolsVisibility>
      <GraphiQL.Logo>featuregraph</GraphiQL.Logo>
      <GraphiQL.Footer>
        <KeyField onKey={() => setBegun(begun + 1)} />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

createRoot(place).render(<Playground />);
