import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { Definition } from '../generated/operations.ts';
import { kindOf } from '../graph/kinds.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Empty } from '../parts/empty.tsx';
import { Page } from '../parts/page.tsx';
import { DefinitionEditor } from './definition-editor.tsx';
import { nounOf, type RegisterSearch, registrable } from './register-search.ts';

const route = getRouteApi('/register');

/** A definition by form: what it would do is shown before anything is done. */
export function RegisterPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const title = search.from ? `Change ${search.from}` : 'Register';
  return (
    <Page
      title={title}
      name={title}
      about="Say what it is, see the plan, then apply it. The same definition can stand in a file."
    >
      {!search.from && (
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">Kind</legend>
          {registrable.map((kind) => (
            <Button
              key={kind}
              look={kind === search.kind ? 'solid' : 'plain'}
              aria-pressed={kind === search.kind}
              onClick={() => navigate({ to: '/register', search: { kind }, replace: true })}
            >
              {kindOf(kind).one}
            </Button>
          ))}
        </fieldset>
      )}
      <Chosen key={JSON.stringify(search)} search={search} />
    </Page>
  );
}

function Chosen({ search: { kind, from } }: { search: RegisterSearch }) {
  if (kind === undefined) return <Empty title="Choose what to register" />;
  if (from !== undefined) return <Changed kind={kind} from={from} />;
  return <DefinitionEditor begun={{ [nounOf(kind)]: {} }} isChange={false} />;
}

function Changed({ kind, from }: { kind: NonNullable<RegisterSearch['kind']>; from: string }) {
  const [answer] = useQuery({ query: Definition, variables: { kind, ref: from } });
  return (
    <Answered of={answer}>
      {({ resource }) =>
        resource?.definition ? (
          <DefinitionEditor begun={resource.definition} isChange />
        ) : (
          <Empty title={`There is no ${kindOf(kind).one} ${from}`} />
        )
      }
    </Answered>
  );
}
