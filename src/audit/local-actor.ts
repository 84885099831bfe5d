import type { Actor } from './audit-entry.ts';

/** Whoever has the registry itself at hand: nobody was asked who he is. */
export function localActor(name: string): Actor {
  return {
    principal: { kind: 'OPEN', id: `local:${name}`, name },
    origin: { address: null, userAgent: null, transport: 'INTERNAL' },
  };
}
