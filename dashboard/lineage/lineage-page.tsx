import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { Lineage as LineageDocument, type LineageQuery } from '../generated/operations.ts';
import { type Kind, kindAt } from '../graph/kinds.ts';
import { Answered } from '../parts/answered.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Missing } from '../parts/missing.tsx';
import { Page } from '../parts/page.tsx';
import { countText } from '../parts/value.tsx';
import { ChosenNode } from './chosen-node.tsx';
import { featuresOf, fewFeatures, mostFeatures, useColumns } from './columns.ts';
import { LineageList } from './lineage-list.tsx';
import type { LineageNode } from './lineage-nodes.ts';
import { LineagePicture } from './lineage-picture.tsx';
import { directions, type LineageSearch } from './lineage-search.ts';
import { marksOf } from './marks.ts';
import type { Edge } from './reach.ts';

const route = getRouteApi('/lineage/$kind/$reference');
const depths = ['1', '2', '3', '5'];

/** What something is built on and who uses it: a picture, and the same as a list. */
export function LineagePage() {
  const { kind: path, reference } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const kind = kindAt(path);
  if (kind === undefined) return <Missing title={`There is no kind of resource that is called ${path}`} />;
  const choose = (part: Partial<Record<keyof LineageSearch, string>>) =>
    void navigate({ to: '.', search: cleaned({ ...search, ...part }), replace: true });
  return (
    <Page
      title={`Lineage of ${reference}`}
      name={`Lineage of ${reference}`}
      about="Left is what it is built on, right is who uses it. Choose one to see its ways, and what its deletion would break."
      actions={
        <Link to="/resources/$kind/$reference" params={{ kind: path, reference }} className={buttonClass()}>
          Its page
        </Link>
      }
    >
      <div className="flex flex-wrap gap-3">
        <Choice
          name="Direction"
          value={search.direction}
          otherwise="both"
          options={directions.slice(1)}
          onChoice={(direction) => choose({ direction })}
        />
        <Choice
          name="Steps"
          value={search.depth}
          otherwise="all"
          options={depths}
          onChoice={(depth) => choose({ depth })}
        />
      </div>
      <Asked key={`${path} ${reference}`} kind={kind} reference={reference} search={search} onChoice={choose} />
    </Page>
  );
}

function cleaned(search: Partial<Record<keyof LineageSearch, string | undefined>>): LineageSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value)) as LineageSearch;
}

type Choose = (part: Partial<Record<keyof LineageSearch, string>>) => void;
type Asked = { kind: Kind; reference: string; search: LineageSearch; onChoice: Choose };

function Asked({ kind, reference, search, onChoice }: Asked) {
  const variables = {
    kind: kind.kind,
    ref: reference,
    direction: search.direction ?? ('BOTH' as const),
    depth: search.depth === undefined ? null : Number(search.depth),
  };
  const [answer] = useQuery({ query: LineageDocument, variables });
  return (
    <Answered of={answer}>
      {({ resource }) =>
        resource ? (
          <Shown of={resource} search={search} onChoice={onChoice} />
        ) : (
          <Empty title={`There is no ${kind.one} ${reference}`} />
        )
      }
    </Answered>
  );
}

type Shown = { of: NonNullable<LineageQuery['resource']>; search: LineageSearch; onChoice: Choose };

function Shown({ of, search, onChoice }: Shown) {
  const resources = useMemo(
    () => ({
      nodes: of.lineage.nodes,
      edges: of.lineage.edges.map(({ from, to }): Edge => ({ from: from.id, to: to.id })),
    }),
    [of.lineage],
  );
  const features = featuresOf(resources.nodes).length;
  const hasColumns = search.columns === undefined ? features <= fewFeatures : search.columns === 'on';
  const { nodes, edges } = useColumns(resources, hasColumns);
  const byRef = useMemo(() => new Map(nodes.map((node) => [node.ref + node.kind, node])), [nodes]);
  const chosen = byRef.get(search.chosen ?? '') ?? nodes.find(({ id }) => id === of.id);
  const to = byRef.get(search.to ?? '');
  const marks = useMemo(
    () => marksOf({ chosen: chosen?.id, to: to?.id, isDeletion: search.show === 'deletion', edges }),
    [chosen, to, search.show, edges],
  );
  const choose = (node: LineageNode) => onChoice({ chosen: node.ref + node.kind });
  return (
    <>
      {features > 0 && features <= mostFeatures && (
        <Button
          className="self-start"
          aria-pressed={hasColumns}
          onClick={() => onChoice({ columns: hasColumns ? 'off' : 'on' })}
        >
          Columns
        </Button>
      )}
      {chosen && <ChosenNode node={chosen} to={to} nodes={nodes} marks={marks} search={search} onChoice={onChoice} />}
      <div className="grid gap-4 xl:grid-cols-[1fr_24rem]">
        <LineagePicture nodes={nodes} edges={edges} marks={marks} chosen={chosen} onChoice={choose} />
        <LineageList nodes={nodes} marks={marks} chosen={chosen} onChoice={choose} />
      </div>
      <p className="text-soft">
        {countText(resources.nodes.length)} resources, {countText(resources.edges.length)} edges
        {nodes.length > resources.nodes.length && `, ${countText(nodes.length - resources.nodes.length)} columns`}
        {of.lineage.retrievals.length > 0 && `, ${countText(of.lineage.retrievals.length)} retrievals`}
      </p>
    </>
  );
}
