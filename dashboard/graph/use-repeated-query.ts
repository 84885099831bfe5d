import { startTransition, useCallback } from 'react';
import { type AnyVariables, type UseQueryArgs, type UseQueryState, useQuery } from 'urql';

/**
 * `useQuery`, with what asks the server again. Answers are drawn in small steps (`calmly.ts`), and what stands behind one that
 * is not drawn yet is done again with it: to ask would be done so too, and its answer be put off behind it, for ever. Asked in
 * the same way, both are drawn together.
 */
export function useRepeatedQuery<Data, Variables extends AnyVariables>(
  asked: UseQueryArgs<Variables, Data>,
): [UseQueryState<Data, Variables>, () => void] {
  const [answer, ask] = useQuery(asked);
  const again = useCallback(() => startTransition(() => ask({ requestPolicy: 'network-only' })), [ask]);
  return [answer, again];
}
