import './without-eval.ts';
import 'graphiql/style.css';
import './playground.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, type GraphiQLProps } from 'graphiql';
import { type DocumentNode, getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { exampleTabs } from './example-tabs.ts';
import { authorization } from './kept-key.ts';
import { renewExamples } from './kept-tabs.ts';
import { KeyField } from './key-field.tsx';
import { type Ask, readRegistered } from './registered.ts';
import { sampleKeys, viewsOfTabs } from './sample-keys.ts';

/** Where the build put the workers, by the label that Monaco asks for. */
declare const WORKERS: { editor: string; json: string; graphql: string };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(label === 'json' || label === 'graphql' ? WORKERS[label] : WORKERS.editor),
};

const socket = new URL('/graphql', window.location.href);
socket.protocol = socket.protocol.replace('http', 'ws');

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

function askUntil(signal: AbortSignal): Ask {
  return async (query) => {
    try {
      const answer = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization() },
        body: JSON.stringify({ query }),
        signal,
      });
      const { data } = await answer.json();
      return data ?? undefined;
    } catch {
      return undefined;
    }
  };
}

async function examples(signal: AbortSignal): Promise<string[]> {
  const ask = askUntil(signal);
  const registered = await readRegistered(ask);
  const keys = registered === undefined ? new Map() : await sampleKeys(ask, viewsOfTabs(registered));
  const queries = exampleTabs(registered, keys);
  renewExamples(localStorage, queries);
  return queries;
}

/** A store that is slow to show a row holds up nobody who would rather write: examples then do without its keys. */
function Loading({ onSkip }: { onSkip: () => void }) {
  return (
    <p className="loading">
      Reading what is registered, for the examples …{' '}
      <button type="button" onClick={onSkip}>
        Begin without
      </button>
    </p>
  );
}

/** Another key may see another schema and another registry: GraphiQL begins anew with it. */
function Playground() {
  const [reading, setReading] = useState(() => new AbortController());
  const [queries, setQueries] = useState<string[]>();
  useEffect(() => {
    let isOver = false;
    void examples(reading.signal).then((tabs) => !isOver && setQueries(tabs));
    return () => {
      isOver = true;
    };
  }, [reading]);
  if (queries === undefined) return <Loading onSkip={() => reading.abort()} />;
  const onKey = () => {
    wsClient.terminate();
    setQueries(undefined);
    setReading(new AbortController());
  };
  return (
    <GraphiQL fetcher={fetcher} defaultTabs={queries.map((query) => ({ query }))} defaultEditorToolsVisibility>
      <GraphiQL.Logo>featuregraph</GraphiQL.Logo>
      <GraphiQL.Footer>
        <KeyField onKey={onKey} />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

const place = document.getElementById('playground');
if (place === null) throw new Error('the page has no place for the playground');
createRoot(place).render(<Playground />);
