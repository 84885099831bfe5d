import type { Catalog, Resource, ResourceOf } from '../catalog.ts';
import { keyFields, nameOfKey, namesOfView, namesUnderType, type View } from '../graph-names.ts';
import { entityTypeName, viewFieldName } from '../naming.ts';
import { entityOfInputs } from '../on-demand/on-demand-entity.ts';
import { kindInWords, viewKinds } from '../reference.ts';
import { checkFeatureFields } from './check-feature-fields.ts';
import type { CheckWorld, Report } from './check-world.ts';
import type { NameCollision, NameIndex } from './name-index.ts';
import { isKept, keptInWords } from './name-suggestions.ts';

/**
 * That what a new resource is called in the graph is a name there, and its own: variants of one resource share theirs.
 * Of two new ones that would meet, the later is told. Each gets a name suggested that is free.
 */
export function checkNames(resource: Resource, world: CheckWorld, report: Report): void {
  if (isEntity(resource)) {
    checkType(resource, world.names(), report);
    checkKeyFields(resource, world.names(), report);
  }
  if (isView(resource)) {
    checkViewName(resource, world.catalog, report);
    // That there is no such entity has been reported; an on-demand feature view may be of several.
    const entity = entityOfView(world.catalog, resource);
    if (entity === undefined) return;
    checkViewField(resource, entity.name, world.names(), report);
    checkFeatureFields(resource, world.names().variants(entity.name, resource.name), report);
  }
}

function isEntity(resource: Resource): resource is ResourceOf<'ENTITY'> {
  return resource.kind === 'ENTITY';
}

function isView(resource: Resource): resource is View {
  return viewKinds.some((kind) => kind === resource.kind);
}

function entityOfView(catalog: Catalog, view: View): ResourceOf<'ENTITY'> | undefined {
  if (isOnDemand(view)) return entityOfInputs(catalog, view);
  return catalog.find('ENTITY', view.definition.entity);
}

function isOnDemand(view: View): view is ResourceOf<'ON_DEMAND_FEATURE_VIEW'> {
  return view.kind === 'ON_DEMAND_FEATURE_VIEW';
}

/** A feature's reference tells its view by name, whatever kind that is. */
function checkViewName(view: View, catalog: Catalog, report: Report): void {
  for (const kind of viewKinds) {
    const other = kind === view.kind ? undefined : catalog.find(kind, view.name);
    if (other === undefined || other.sequence > view.sequence) continue;
    report('name', `${kindInWords(kind)} ${other.ref} is already called "${view.name}".`, 'Give it another name.');
  }
}

function checkType(entity: ResourceOf<'ENTITY'>, names: NameIndex, report: Report): void {
  const type = entityTypeName(entity.definition);
  const collision = names.collisions(entity).find(({ name }) => name.path === 'graphql.type');
  const problem = isKept(type) ? keptInWords(type) : collision && collisionInWords(collision);
  if (problem === undefined) return;
  const group = names.group(entity.name) ?? { variants: [entity], views: [] };
  const free = names.suggest(type, 'Entity', (name) => namesUnderType(group, entity, name), entity.name);
  report('graphql.type', problem, `Give it another type, as graphql: { type: "${free}" }.`);
}

function checkKeyFields(entity: ResourceOf<'ENTITY'>, names: NameIndex, report: Report): void {
  const collisions = new Map(names.collisions(entity).map((collision) => [collision.name.path, collision]));
  for (const key of keyFields(entity.definition)) {
    const collision = collisions.get(key.path);
    const problem = isKept(key.field) ? keptInWords(key.field) : collision && collisionInWords(collision);
    if (problem === undefined) continue;
    const free = names.suggest(key.field, 'Key', (field) => [nameOfKey(entity, { ...key, field })]);
    report(key.path, problem, `Name the field: graphql: { keys: [{ joinKey: "${key.joinKey}", field: "${free}" }] }.`);
  }
}

function checkViewField(view: View, entity: string, names: NameIndex, report: Report): void {
  const field = viewFieldName(view.definition);
  const collision = names.collisions(view).find(({ name }) => name.path === 'graphqlName');
  const problem = isKept(field) ? keptInWords(field) : collision && collisionInWords(collision);
  const group = names.group(entity);
  if (problem === undefined || group === undefined) return;
  const free = names.suggest(field, 'View', (name) => namesOfView(group, view, name));
  report('graphqlName', problem, `Give it a graphqlName, such as "${free}".`);
}

const places = { TYPE: 'type', QUERY: 'root field', SUBSCRIPTION: 'root field', FIELD: 'field', NEIGHBOR: 'field' };

/** Both parties and what they would both be called. */
function collisionInWords({ name: { words, place, name, entity }, holder }: NameCollision): string {
  const [kind = ''] = place.split(' ');
  const where = kind === 'FIELD' ? ` of ${entity}` : kind === 'NEIGHBOR' ? ` of a neighbor of ${entity}` : '';
  const subject = words.charAt(0).toUpperCase() + words.slice(1);
  return `${subject} would be the ${places[kind as keyof typeof places]} "${name}"${where}, which ${holder}.`;
}
