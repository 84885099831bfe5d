import { useQuery } from 'urql';
import { SourcePreview } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import { RowsTable } from '../parts/rows-table.tsx';

/** The first rows of a source. */
export function Preview({ source }: { source: string }) {
  const [answer] = useQuery({ query: SourcePreview, variables: { ref: source, limit: 50 } });
  return (
    <Section title={`First rows of ${source}`}>
      <Answered of={answer}>
        {({ source: read }) =>
          read && read.preview.rows.length > 0 ? (
            <RowsTable label={`First rows of ${source}`} columns={read.preview.columns} rows={read.preview.rows} />
          ) : (
            <Empty title="It has no rows" />
          )
        }
      </Answered>
    </Section>
  );
}
