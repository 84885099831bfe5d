import { Agent, createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type Balancer = {
  url: string;
  /** How many of its servers say that they are ready. */
  ready(): number;
  close(): Promise<void>;
};

const everyMs = 50;

/** Hands requests on in turn to those servers that say that they are ready, and never tries one again. */
export async function startBalancer(backends: readonly string[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const ready = new Set<string>();
  let [isOpen, turn] = [true, 0];
  const looking = backends.map(async (backend) => {
    while (isOpen) {
      const isReady = await fetch(`${backend}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) ready.add(backend);
      else ready.delete(backend);
      await pause(everyMs);
    }
  });
  const server = createServer((request, response) => {
    const able = [...ready];
    const backend = able[turn++ % able.length];
    const refuse = () => response.writeHead(502).end();
    if (backend === undefined) return refuse();
    const { host: _, ...headers } = request.headers;
    const asked = send(`${backend}${request.url}`, { method: request.method, headers, agent }, (answer) => {
      // Connections are the balancer's own matter.
      const { connection: _own, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, rest);
      answer.pipe(response);
    });
    asked.on('error', refuse);
    request.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    ready: () => ready.size,
    close: async () => {
      isOpen = false;
      await Promise.all(looking);
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
