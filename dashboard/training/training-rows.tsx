import { useState } from 'react';
import { useQuery } from 'urql';
import { type SplitPart, TrainingRows as TrainingRowsDocument } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import { RowsTable } from '../parts/rows-table.tsx';
import { countText } from '../parts/value.tsx';
import { Downloads } from './downloads.tsx';

const parts: readonly SplitPart[] = ['TRAIN', 'VALIDATION', 'TEST'];
const pageSize = 50;

/** The first rows of the latest run, by part where it has a split, and all of them to take along. */
export function TrainingRows({ reference }: { reference: string }) {
  const [split, setSplit] = useState<SplitPart>();
  const [first, setFirst] = useState(pageSize);
  const variables = { ref: reference, first, after: null, split: split ?? null };
  const [answer] = useQuery({ query: TrainingRowsDocument, variables });
  return (
    <Answered of={answer}>
      {({ trainingSet }) =>
        trainingSet?.rows ? (
          <Section
            title={`${countText(trainingSet.rows.totalCount)} rows of ${trainingSet.rows.columns.length} columns`}
            aside={
              trainingSet.split && (
                <Choice
                  name="Part"
                  value={split}
                  otherwise="all"
                  options={parts}
                  onChoice={(part) => setSplit(parts.find((one) => one === part))}
                />
              )
            }
          >
            <Downloads reference={reference} split={split} />
            <RowsTable
              label={`First rows of ${reference}`}
              columns={trainingSet.rows.columns}
              rows={trainingSet.rows.edges.map(({ node }) => node)}
            />
            {trainingSet.rows.pageInfo.hasNextPage && first < 1_000 && (
              <Button className="self-start" onClick={() => setFirst(first * 2)}>
                Show more
              </Button>
            )}
          </Section>
        ) : (
          <Empty title="It was not built yet">Its job says why; build it anew when that is mended.</Empty>
        )
      }
    </Answered>
  );
}
