import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { ApiKeys as ApiKeysDocument, type ApiKeysQuery, RevokeApiKey, RotateApiKey } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Failure } from '../parts/failure.tsx';
import { Age, Moment } from '../parts/moment.tsx';
import { Section } from '../parts/page.tsx';
import { Status } from '../parts/status.tsx';
import { NewKey } from './new-key.tsx';
import { Secret } from './secret.tsx';

type Key = ApiKeysQuery['apiKeys']['edges'][number]['node'];

/** Keys of programs: made, rotated and revoked here. Their secrets are shown once. */
export function ApiKeys() {
  const [includeRevoked, setIncludeRevoked] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [answer] = useQuery({ query: ApiKeysDocument, variables: { includeRevoked } });
  const [rotated, rotate] = useMutation(RotateApiKey);
  const [revoked, revoke] = useMutation(RevokeApiKey);
  const error = rotated.error ?? revoked.error;
  const columns: Column<Key>[] = [
    ...told,
    {
      id: 'do',
      head: 'Actions',
      cell: ({ id, name, valid }) =>
        valid && (
          <span className="flex gap-1">
            <Button
              aria-label={`Rotate ${name}`}
              onClick={() => rotate({ id }).then(({ data }) => setSecret(data?.rotateApiKey.secret))}
            >
              Rotate
            </Button>
            <Button look="danger" aria-label={`Revoke ${name}`} onClick={() => revoke({ id })}>
              Revoke
            </Button>
          </span>
        ),
    },
  ];
  return (
    <Section
      title="API keys"
      aside={
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={includeRevoked}
            onChange={({ target }) => setIncludeRevoked(target.checked)}
          />
          Revoked ones too
        </label>
      }
    >
      {secret && <Secret secret={secret} onDone={() => setSecret(undefined)} />}
      {error && <Failure error={error} />}
      <Answered of={answer}>
        {({ apiKeys }) => (
          <>
            {apiKeys.edges.length > 0 ? (
              <DataTable
                label="API keys"
                columns={columns}
                rows={apiKeys.edges.map(({ node }) => node)}
                rowKey={({ id }) => id}
              />
            ) : (
              <Empty title="There are no keys yet" />
            )}
            <NewKey onSecret={setSecret} />
          </>
        )}
      </Answered>
    </Section>
  );
}

const told: readonly Column<Key>[] = [
  { id: 'name', head: 'Name', cell: ({ name }) => name, sort: ({ name }) => name },
  {
    id: 'state',
    head: 'State',
    cell: ({ valid, revokedAt }) => <Status of={valid ? 'VALID' : revokedAt ? 'REVOKED' : 'EXPIRED'} />,
  },
  {
    id: 'used',
    head: 'Last used',
    cell: ({ lastUsedAt }) => <Age at={lastUsedAt} />,
    sort: ({ lastUsedAt }) => lastUsedAt,
  },
  {
    id: 'ends',
    head: 'Ends',
    cell: ({ expiresAt }) => (expiresAt ? <Moment at={expiresAt} /> : 'never'),
    sort: ({ expiresAt }) => expiresAt,
  },
  { id: 'by', head: 'Made by', cell: ({ createdBy }) => createdBy, sort: ({ createdBy }) => createdBy },
  { id: 'made', head: 'Made', cell: ({ createdAt }) => <Moment at={createdAt} />, sort: ({ createdAt }) => createdAt },
];
