import type { Exchange } from '@urql/core';
import { startTransition } from 'react';

/** Lets what is answered be drawn in small steps: whoever types or clicks meanwhile is heard between two of them. */
export const calmly: Exchange =
  ({ forward }) =>
  (operations) =>
  (sink) =>
    forward(operations)((signal) => startTransition(() => sink(signal)));
