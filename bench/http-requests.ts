import { Agent, request as send } from 'node:http';

const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });

/** Posts JSON over one connection that stays open, and answers with the text. */
export function post(url: string, body: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const request = send(url, { method: 'POST', agent: keepAlive, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}

export function closeConnections(): void {
  keepAlive.destroy();
}

/** The time below which a share of all times is. */
export function quantile(times: readonly number[], share: number): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length * share)] ?? 0;
}
