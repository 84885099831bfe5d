import { useMutation } from 'urql';
import { type JsonValue, TestProvider } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Status } from '../parts/status.tsx';

/** Whether a store would answer, before it is registered. */
export function ProviderTest({ definition }: { definition: JsonValue }) {
  const [{ data, error, fetching }, test] = useMutation(TestProvider);
  const health = data?.testProvider;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <Button className="self-start" disabled={fetching} onClick={() => test({ definition: definition as never })}>
        Test the connection
      </Button>
      {error && <Failure error={error} />}
      {health && (
        <p role="status" className="flex flex-wrap items-center gap-2">
          <Status of={health.healthy ? 'HEALTHY' : 'UNHEALTHY'} />
          {health.message ?? `answered in ${health.milliseconds.toFixed(1)} ms`}
          {health.warnings.map((warning) => (
            <span key={warning} className="basis-full text-warn text-xs">
              {warning}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
