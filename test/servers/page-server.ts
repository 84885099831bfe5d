import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type PageServer = { origin: string; close(): Promise<void> };

/** Somebody's own site: an empty page at `/`, whose program is what `script` gives. */
export async function startPageServer(script: () => string): Promise<PageServer> {
  const server = createServer(({ url }, response) => {
    const isScript = url === '/program.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(
      isScript ? script() : '<!doctype html><title>Somebody</title><script type="module" src="program.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
