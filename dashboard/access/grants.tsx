import { useMutation, useQuery } from 'urql';
import { Grants as GrantsDocument, type GrantsQuery, RevokeRole } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Failure } from '../parts/failure.tsx';
import { Moment } from '../parts/moment.tsx';
import { Section } from '../parts/page.tsx';
import { NewGrant } from './new-grant.tsx';

type Grant = GrantsQuery['grants']['edges'][number]['node'];

/** Who has which role on what. */
export function Grants() {
  const [answer] = useQuery({ query: GrantsDocument });
  const [{ error }, revoke] = useMutation(RevokeRole);
  const columns: Column<Grant>[] = [
    { id: 'grant', head: 'Grant', cell: ({ description }) => description, sort: ({ description }) => description },
    { id: 'sensitive', head: 'Sensitive values', cell: ({ sensitive }) => (sensitive ? 'shown' : 'masked') },
    { id: 'by', head: 'Granted by', cell: ({ createdBy }) => createdBy, sort: ({ createdBy }) => createdBy },
    {
      id: 'at',
      head: 'Granted',
      cell: ({ createdAt }) => <Moment at={createdAt} />,
      sort: ({ createdAt }) => createdAt,
    },
    {
      id: 'do',
      head: 'Actions',
      cell: ({ id, description }) => (
        <Button look="danger" aria-label={`Revoke ${description}`} onClick={() => revoke({ id })}>
          Revoke
        </Button>
      ),
    },
  ];
  return (
    <Section title="Grants">
      {error && <Failure error={error} />}
      <Answered of={answer}>
        {({ grants }) => (
          <>
            {grants.edges.length > 0 ? (
              <DataTable
                label="Grants"
                columns={columns}
                rows={grants.edges.map(({ node }) => node)}
                rowKey={({ id }) => id}
              />
            ) : (
              <Empty title="Nothing is granted yet" />
            )}
            <NewGrant />
          </>
        )}
      </Answered>
    </Section>
  );
}
