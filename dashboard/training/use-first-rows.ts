import { useEffect, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { TrainingRows } from '../generated/operations.ts';
import type { Rows } from './leak-checks.ts';

type Read = { rows?: Rows | undefined; error?: CombinedError | undefined; isWhole: boolean };

/** The first rows of a training set, a page after the other; what there is of them by now, and whether that is all. */
export function useFirstRows(reference: string, count: number): Read {
  const client = useClient();
  const [read, setRead] = useState<Read>({ isWhole: false });
  useEffect(() => {
    let isLeft = false;
    const page = async (before: Rows | undefined): Promise<void> => {
      const first = Math.min(pageSize, count - (before?.edges.length ?? 0));
      const variables = { ref: reference, first, after: before?.pageInfo.endCursor ?? null, split: null };
      const { data, error } = await client.query(TrainingRows, variables).toPromise();
      if (isLeft) return;
      const next = data?.trainingSet?.rows;
      const rows = next && { ...next, edges: [...(before?.edges ?? []), ...next.edges] };
      const isWhole = !rows?.pageInfo.hasNextPage || rows.edges.length >= count;
      setRead({ rows: rows ?? before, error, isWhole });
      if (!isWhole) await page(rows);
    };
    void page(undefined);
    return () => {
      isLeft = true;
    };
  }, [client, reference, count]);
  return read;
}

/** As many as the graph gives at a time. */
const pageSize = 1_000;
