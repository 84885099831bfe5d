import { Failure } from '../../../providers/contract/failure.ts';
import type { ResourceOf } from '../catalog.ts';
import type { ProviderConfig } from '../definitions/provider-config.ts';
import { type Product, type ProviderRole, productOf, roleInWords, rolesOf } from '../provider-roles.ts';
import { inputsOf, isStored } from '../relations.ts';
import type { CheckWorld, Report } from './check-world.ts';

export async function checkProvider(
  provider: ResourceOf<'PROVIDER'>,
  { catalog, refusals }: CheckWorld,
  report: Report,
): Promise<void> {
  for (const { path, message, fix } of await refusals(provider.definition.config)) report(path, message, fix);
  const product = productOf(provider.definition);
  const path = pathIn(provider.definition.config, product);
  if (path === undefined) return;
  const other = catalog
    .ofKind('PROVIDER')
    .find((one) => one.ref !== provider.ref && pathIn(one.definition.config, product) === path);
  if (other !== undefined)
    report(
      `config.${product}.path`,
      `Provider ${other.ref} already keeps its files in "${path}".`,
      'Give it a path of its own.',
    );
}

/** Where an embedded product keeps its files, if that is said. */
function pathIn(config: ProviderConfig, product: Product): string | undefined {
  const own = config[product];
  return own !== undefined && 'path' in own ? own.path : undefined;
}

/** That a provider can serve as what it is named for. */
export function checkRole(
  reference: string | undefined,
  role: ProviderRole,
  path: string,
  world: CheckWorld,
  report: Report,
): void {
  const provider = reference === undefined ? undefined : world.catalog.find('PROVIDER', reference);
  if (provider === undefined || rolesOf(provider.definition).includes(role)) return;
  const able = world.catalog.ofKind('PROVIDER').filter((one) => rolesOf(one.definition).includes(role));
  const fix =
    able.length === 0 ? `Register a provider that can.` : `These can: ${able.map((one) => one.ref).join(', ')}.`;
  report(
    path,
    `Provider ${provider.ref} (${productOf(provider.definition)}) can't serve as ${roleInWords(role)}.`,
    fix,
  );
}

const apart = 'Name the columns, each apart, as in SELECT a.id, b.id AS other_id.';

export async function checkSource(source: ResourceOf<'SOURCE'>, world: CheckWorld, report: Report): Promise<void> {
  const { definition } = source;
  // That no provider could be chosen has been reported.
  if (definition.provider === undefined) return;
  checkRole(definition.provider, 'OFFLINE_STORE', 'provider', world, report);
  const inputs = inputsOf(world.catalog, source);
  for (const input of inputs) {
    if (input.definition.provider === definition.provider) continue;
    report(
      'transformation.sql',
      `${input.ref} lives in ${input.definition.provider}, not in ${definition.provider}.`,
      'Sources of one transformation must live in one provider.',
    );
  }
  for (const input of inputs) if ((await world.columnsIfReadable(input.ref)) === undefined) return;
  const path =
    definition.files !== undefined
      ? 'files.paths'
      : definition.table !== undefined
        ? 'table.name'
        : 'transformation.sql';
  try {
    const columns = await world.columns(source);
    if (columns.length === 0) report(path, `${source.ref} has no columns.`);
    if (isStored(definition)) await checkWidth(source, columns.length, world, report);
    const names = columns.map(({ name }) => name);
    for (const name of new Set(names.filter((one, at) => names.indexOf(one) !== at)))
      report(path, `${source.ref} has two columns "${name}", so that nothing can read either.`, apart);
  } catch (error) {
    if (!(error instanceof Failure) || error.retryable) throw error;
    if (definition.files === undefined) report(path, error.message, error.issues[0]?.fix);
    else reportFiles(error, report);
  }
}

/** What is wrong with a declaration is said where it stands; what is wrong in a file, of the paths. */
function reportFiles(failure: Failure, report: Report): void {
  const isDeclared =
    failure.code === 'INVALID_INPUT' || failure.code === 'NOT_FOUND' || failure.code === 'QUERY_REFUSED';
  if (failure.issues.length === 0) report('files.paths', failure.message);
  for (const { path, message, fix } of failure.issues)
    report(isDeclared ? `files.${path}` : 'files.paths', message, fix);
}

async function checkWidth(
  source: ResourceOf<'SOURCE'>,
  width: number,
  world: CheckWorld,
  report: Report,
): Promise<void> {
  const { mostStoredColumns: most } = await world.capabilities(source);
  if (most === undefined || width <= most) return;
  const message = `${source.ref} has ${width} columns; a table of ${source.definition.provider} has ${most} at most.`;
  report('transformation.sql', message, 'Select fewer, or say as: VIEW, so that its rows are not stored.');
}
