import { countText } from '../parts/value.tsx';

type Progress = { state: string; stage?: string | null; rowsDone: number; rowsExpected?: number | null };

/** How far a job is: its stage in words, and a bar where it is known how much there is. */
export function JobProgress({ state, stage, rowsDone, rowsExpected }: Progress) {
  const isRunning = state === 'RUNNING';
  const rows = rowsExpected ? `${countText(rowsDone)} of ${countText(rowsExpected)}` : countText(rowsDone);
  return (
    <span className="flex items-center gap-2">
      {isRunning && rowsExpected ? (
        <progress
          aria-label={`${stage ?? 'rows'}: ${rows}`}
          className="h-1.5 w-20 shrink-0 accent-solid"
          value={Math.min(rowsDone, rowsExpected)}
          max={rowsExpected}
        />
      ) : null}
      <span className="truncate text-soft text-xs" title={stage ?? undefined}>
        {isRunning && stage ? `${stage}, ` : ''}
        {rows} rows
      </span>
    </span>
  );
}
