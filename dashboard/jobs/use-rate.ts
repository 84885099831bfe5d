import { useEffect, useRef, useState } from 'react';

export type Point = { atSeconds: number; rows: number };

type Progress = { state: string; rowsDone: number; startedAt: string | null; finishedAt: string | null };

/** How many rows a job does in a second: of late while it runs, over all when it has ended. */
export function useRate({ state, rowsDone, startedAt, finishedAt }: Progress): {
  now: number | undefined;
  points: readonly Point[];
} {
  const [points, setPoints] = useState<readonly Point[]>([]);
  const last = useRef(-1);
  useEffect(() => {
    if (state !== 'RUNNING' || rowsDone === last.current) return;
    last.current = rowsDone;
    setPoints((before) => [...before.slice(-600), { atSeconds: Date.now() / 1_000, rows: rowsDone }]);
  }, [state, rowsDone]);
  if (startedAt && finishedAt) {
    const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;
    return { now: seconds > 0 && rowsDone > 0 ? rowsDone / seconds : undefined, points };
  }
  const [first, newest] = [points.at(-10) ?? points[0], points.at(-1)];
  if (first === undefined || newest === undefined || newest.atSeconds <= first.atSeconds)
    return { now: undefined, points };
  return { now: (newest.rows - first.rows) / (newest.atSeconds - first.atSeconds), points };
}
