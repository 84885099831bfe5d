import { Link } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { Breaks, type ResourceKind, type ResourceLinkFragment } from '../generated/operations.ts';
import { kindOf } from '../graph/kinds.ts';
import { Answered } from '../parts/answered.tsx';
import { buttonClass } from '../parts/button.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status } from '../parts/status.tsx';

type Props = {
  kind: ResourceKind;
  reference: string;
  upstream: readonly ResourceLinkFragment[];
  downstream: readonly ResourceLinkFragment[];
};

/** What it is built on, who uses it, and all that would be left without its ground if it went. */
export function Uses({ kind, reference, upstream, downstream }: Props) {
  const [answer] = useQuery({ query: Breaks, variables: { kind, ref: reference } });
  const beyond = (breaks: readonly ResourceLinkFragment[]) =>
    breaks.filter(({ id }) => !downstream.some((one) => one.id === id));
  return (
    <div className="flex flex-col gap-5">
      <Link
        to="/lineage/$kind/$reference"
        params={{ kind: kindOf(kind).path, reference }}
        className={`${buttonClass('plain')} self-start`}
      >
        See its lineage
      </Link>
      <Section title="Built on">
        <Links of={upstream} otherwise="Nothing: it stands by itself" />
      </Section>
      <Section title="Used by">
        <Links of={downstream} otherwise="Nobody uses it" />
      </Section>
      <Answered of={answer}>
        {({ resource }) =>
          resource && beyond(resource.breaks).length > 0 ? (
            <Section title="Would also break without it">
              <Links of={beyond(resource.breaks)} otherwise="" />
            </Section>
          ) : null
        }
      </Answered>
    </div>
  );
}

export function Links({ of, otherwise }: { of: readonly ResourceLinkFragment[]; otherwise: string }) {
  if (of.length === 0) return <Empty title={otherwise} />;
  return (
    <ul className="panel divide-y divide-line">
      {of.map(({ id, kind, ref, status }) => (
        <li key={id} className="flex items-center justify-between gap-3 px-3 py-2">
          <ResourceLink kind={kind} reference={ref} />
          <Status of={status} />
        </li>
      ))}
    </ul>
  );
}
