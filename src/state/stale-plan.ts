const featureNotSupported = '0A000';

/** Whether a prepared statement no longer fits its tables, which have changed since. PostgreSQL has no code of its own for it. */
export function isStalePlan(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === featureNotSupported &&
    error.message.includes('cached plan must not change result type')
  );
}
