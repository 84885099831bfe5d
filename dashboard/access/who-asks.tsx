import { useQuery } from 'urql';
import { Viewer } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Moment } from '../parts/moment.tsx';
import { Facts, Section } from '../parts/page.tsx';
import { words } from '../parts/status.tsx';

const kinds: Readonly<Record<string, string>> = {
  OPEN: 'anybody: this server asks for no key',
  API_KEY: 'an API key',
  TOKEN: 'a token of the identity provider',
};

/** As whom the server knows who looks at this page. */
export function WhoAsks() {
  const [answer] = useQuery({ query: Viewer });
  return (
    <Section title="You">
      <Answered of={answer}>
        {({ viewer }) => (
          <Facts
            of={[
              ['Name', viewer.name],
              ['Known by', kinds[viewer.kind] ?? words(viewer.kind)],
              ['Groups', viewer.groups.join(', ') || 'none'],
              [
                'May',
                viewer.kind === 'OPEN'
                  ? 'everything'
                  : viewer.grants.map(({ description }) => description).join('; ') || 'nothing',
              ],
              ['Until', viewer.expiresAt ? <Moment key="until" at={viewer.expiresAt} /> : 'no end'],
            ]}
          />
        )}
      </Answered>
    </Section>
  );
}
