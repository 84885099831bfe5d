import { useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { type DownloadFormat, type SplitPart, TrainingDownload } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { saveFile } from './save-file.ts';

const formats: readonly (readonly [DownloadFormat, string])[] = [
  ['PARQUET', 'parquet'],
  ['ARROW', 'arrow'],
  ['CSV', 'csv'],
  ['JSONL', 'jsonl'],
];

/** All rows as a file. */
export function Downloads({ reference, split }: { reference: string; split: SplitPart | undefined }) {
  const client = useClient();
  const [error, setError] = useState<CombinedError>();
  const [problem, setProblem] = useState('');
  const download = async (format: DownloadFormat, ending: string) => {
    const variables = { ref: reference, format, split: split ?? null };
    const answer = await client.query(TrainingDownload, variables, { requestPolicy: 'network-only' }).toPromise();
    setError(answer.error);
    const address = answer.data?.trainingSet?.download;
    if (!address) return;
    setProblem((await saveFile(address, `${reference.replaceAll(/\W+/g, '-')}.${ending}`)) ?? '');
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="text-soft">All rows as</span>
      {formats.map(([format, ending]) => (
        <Button key={format} onClick={() => download(format, ending)}>
          {format}
        </Button>
      ))}
      {error && <Failure error={error} />}
      <span role="status" className="text-bad">
        {problem}
      </span>
    </div>
  );
}
