import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { Provider } from 'urql';
import { type Graph, openGraph } from '../graph/client.ts';
import type { Following } from '../graph/socket.ts';

type Connection = {
  /** Whether changes come as they happen; undefined until that is known. */
  following: Following | undefined;
  /** Asks everything anew, as whoever's key is kept by now. */
  renew: () => void;
};

const ConnectionContext = createContext<Connection>({ following: undefined, renew: () => {} });

export function useConnection(): Connection {
  return useContext(ConnectionContext);
}

export function GraphProvider({ children }: { children: ReactNode }) {
  const [following, setFollowing] = useState<Following>();
  const [graph, setGraph] = useState<Graph>(() => openGraph(setFollowing));
  useEffect(() => graph.close, [graph]);
  const connection = useMemo(() => ({ following, renew: () => setGraph(openGraph(setFollowing)) }), [following]);
  return (
    <ConnectionContext value={connection}>
      <Provider value={graph.client}>{children}</Provider>
    </ConnectionContext>
  );
}
