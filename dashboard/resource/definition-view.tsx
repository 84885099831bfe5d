import { useState } from 'react';
import { useQuery } from 'urql';
import { Definition as DefinitionDocument, type ResourceKind } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Code } from '../parts/code.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import { differences } from './definition-difference.ts';
import { type Definition, definitionText, languages } from './definition-text.ts';
import { DifferenceTable } from './difference-table.tsx';

export type Variant = { ref: string; variant: string };
type Props = { kind: ResourceKind; reference: string; definition: Definition; others: readonly Variant[] };

/** One text for one thing, in the language of who reads it; and how it differs from another variant. */
export function DefinitionView({ kind, reference, definition, others }: Props) {
  const [language, setLanguage] = useState<(typeof languages)[number]>('TypeScript');
  const [compared, setCompared] = useState('');
  return (
    <div className="flex flex-col gap-5">
      <Section
        title="Definition"
        aside={
          <fieldset className="flex gap-1">
            <legend className="sr-only">Language</legend>
            {languages.map((one) => (
              <Button
                key={one}
                look={one === language ? 'plain' : 'quiet'}
                aria-pressed={one === language}
                onClick={() => setLanguage(one)}
              >
                {one}
              </Button>
            ))}
          </fieldset>
        }
      >
        <Code label={`Definition in ${language}`} text={definitionText(definition, language)} />
      </Section>
      {others.length > 0 && (
        <Section
          title="Against another variant"
          aside={
            <select
              aria-label="Variant to compare with"
              className="field w-auto"
              value={compared}
              onChange={({ target }) => setCompared(target.value)}
            >
              <option value="">choose a variant</option>
              {others.map(({ ref }) => (
                <option key={ref}>{ref}</option>
              ))}
            </select>
          }
        >
          {compared !== '' && <Compared kind={kind} from={compared} to={reference} definition={definition} />}
        </Section>
      )}
    </div>
  );
}

type Compared = { kind: ResourceKind; from: string; to: string; definition: Definition };

function Compared({ kind, from, to, definition }: Compared) {
  const [answer] = useQuery({ query: DefinitionDocument, variables: { kind, ref: from } });
  return (
    <Answered of={answer}>
      {({ resource }) =>
        resource?.definition ? (
          <DifferenceTable before={from} after={to} changes={differences(resource.definition, definition)} />
        ) : (
          <Empty title={`${from} is not there any more`} />
        )
      }
    </Answered>
  );
}
