import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { Loading } from './empty.tsx';
import { Failure } from './failure.tsx';

type Answer<Data> = { data?: Data | undefined; error?: CombinedError | undefined };

/** What a query answers, as soon as it does: what it failed with stands above what there is nevertheless. */
export function Answered<Data extends object>({
  of,
  children,
}: {
  of: Answer<Data>;
  children: (data: Data) => ReactNode;
}) {
  const { data, error } = of;
  const isThere = data !== undefined && data !== null && !(error && Object.values(data).every((one) => one === null));
  return (
    <>
      {error && <Failure error={error} />}
      {isThere ? children(data) : !error && <Loading />}
    </>
  );
}
