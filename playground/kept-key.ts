/** Kept for as long as the tab is open, and sent to this server alone. */
const keptAs = 'featuregraph-key';

export function keptKey(): string {
  return sessionStorage.getItem(keptAs) ?? '';
}

export function keepKey(key: string): void {
  sessionStorage.setItem(keptAs, key.trim());
}

/** What a request is sent with, over HTTP as over a WebSocket. */
export function authorization(): { authorization?: string } {
  const key = keptKey();
  return key ? { authorization: `Bearer ${key}` } : {};
}
