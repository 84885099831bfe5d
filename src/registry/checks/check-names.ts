import type { Catalog, ResourceOf } from '../catalog.ts';
import type { Definition, EntityDefinition, FeatureViewDefinition } from '../definitions/definition.ts';
import { collisionsWithin, entityTypeName, keyFieldName, viewFieldName } from '../naming.ts';
import type { CheckWorld, Report } from './check-world.ts';

/** That a definition's names have their own places in the graph. Variants of one resource share theirs. */
export function checkNames(definition: Definition, world: CheckWorld, report: Report): void {
  for (const { path, first, second, graphName, place } of collisionsWithin(definition)) {
    report(
      path,
      `"${first}" and "${second}" of ${place} would both be the field "${graphName}".`,
      suggestion(definition.kind, second),
    );
  }
  if (definition.kind === 'ENTITY') checkTypeName(definition, world, report);
  if (definition.kind === 'FEATURE_VIEW') checkViewField(definition, world.catalog, report);
}

function checkTypeName(entity: EntityDefinition, { catalog, reservedTypeNames }: CheckWorld, report: Report): void {
  const type = entityTypeName(entity);
  const fix = `Give it another type, as graphql: { type: "${type}Entity" }.`;
  if (reservedTypeNames.has(type)) report('graphql.type', `The graph's own schema already has a type "${type}".`, fix);
  const other = firstOther(catalog.ofKind('ENTITY'), entity.name, (one) => entityTypeName(one.definition) === type);
  if (other !== undefined) report('graphql.type', `Entity ${other.ref} already is the type "${type}".`, fix);
}

function checkViewField(view: FeatureViewDefinition, catalog: Catalog, report: Report): void {
  const field = viewFieldName(view);
  const entity = catalog.find('ENTITY', view.entity);
  const names = entity?.definition.joinKeys.map((key) => keyFieldName(entity.definition, key.name)) ?? [];
  const fix = suggestion('FEATURE_VIEW', view.name);
  if (names.some((key) => key === field))
    report('graphqlName', `${view.entity} already has the key field "${field}".`, fix);
  const other = firstOther(
    catalog.ofKind('FEATURE_VIEW'),
    view.name,
    (one) => one.definition.entity.split('@')[0] === entity?.name && viewFieldName(one.definition) === field,
  );
  if (other !== undefined)
    report('graphqlName', `Feature view ${other.ref} already is the field "${field}" of ${view.entity}.`, fix);
}

function firstOther<R extends ResourceOf<'ENTITY'> | ResourceOf<'FEATURE_VIEW'>>(
  all: readonly R[],
  name: string,
  same: (one: R) => boolean,
): R | undefined {
  return all.find((one) => one.name !== name && same(one));
}

function suggestion(kind: Definition['kind'], name: string): string {
  const free = `${name.replaceAll('_', '')}2`;
  return kind === 'ENTITY'
    ? `Name the field: graphql: { keys: [{ joinKey: "${name}", field: "${free}" }] }.`
    : `Give it a graphqlName, such as "${free}".`;
}
