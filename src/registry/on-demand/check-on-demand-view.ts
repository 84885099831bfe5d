import { columnIdentity } from '../../../providers/contract/column-names.ts';
import { parseValueType } from '../../../providers/contract/value-type.ts';
import { isNameOf } from '../../expressions/syntax.ts';
import type { Catalog, ResourceOf } from '../catalog.ts';
import type { CheckWorld, Report } from '../checks/check-world.ts';
import type { OnDemandFeatureViewDefinition } from '../definitions/definition.ts';
import { fieldName } from '../naming.ts';
import { expressionInputs, inputName, requestWord } from './expression-inputs.ts';
import { typedFeatures } from './typed-drafts.ts';

/** What an on-demand feature view names must be there and be stored, under names that mean one thing each. */
export function checkOnDemandView(
  { definition }: ResourceOf<'ON_DEMAND_FEATURE_VIEW'>,
  { catalog }: Pick<CheckWorld, 'catalog'>,
  report: Report,
): void {
  checkInputs(definition, catalog, report);
  const named = [
    { name: requestWord, path: 'request' },
    ...definition.inputs.map((one, at) => ({ name: inputName(one), path: `inputs[${at}]` })),
  ];
  refuseEqual(named, 'Give the input an alias.', report);
  refuseUnsayable(definition, report);
  checkArguments(definition, report);
  refuseEqual(
    definition.request.map(({ name }, at) => ({ name, path: `request[${at}].name` })),
    'Give each value of the request a name of its own.',
    report,
  );
  refuseEqual(
    definition.features.map(({ name }, at) => ({ name, path: `features[${at}].name` })),
    'Give each feature a name of its own.',
    report,
  );
  checkExpressions(definition, catalog, report);
}

/** Values of the request are arguments in the graph, which has one of its own. */
function checkArguments({ request }: OnDemandFeatureViewDefinition, report: Report): void {
  const holders = new Map([['variant', 'the argument that chooses a variant']]);
  for (const [at, { name }] of request.entries()) {
    const argument = fieldName(name);
    const holder = holders.get(argument);
    holders.set(argument, holder ?? `request[${at}]`);
    if (holder === undefined || request.findIndex((one) => one.name === name) !== at) continue;
    const message = `"${name}" would be the argument "${argument}", which ${holder} already is.`;
    report(`request[${at}].name`, message, 'Give it another name.');
  }
}

/** CEL keeps some words for itself, as `in`: what is called so could be in no expression. */
function refuseUnsayable({ inputs, request }: OnDemandFeatureViewDefinition, report: Report): void {
  for (const [at, input] of inputs.entries()) {
    const name = inputName(input);
    if (!isNameOf(name)) report(`inputs[${at}]`, `"${name}" is no name in an expression.`, 'Give the input an alias.');
  }
  for (const [at, { name }] of request.entries()) {
    if (isNameOf(`${requestWord}.${name}`)) continue;
    report(`request[${at}].name`, `"${name}" is no name in an expression.`, 'Give it another name.');
  }
}

function checkInputs({ inputs }: OnDemandFeatureViewDefinition, catalog: Catalog, report: Report): void {
  for (const [at, { feature }] of inputs.entries()) {
    if (catalog.find('FEATURE', feature)?.definition.expression === undefined) continue;
    const message = `${feature} is computed on demand itself.`;
    report(`inputs[${at}].feature`, message, 'Name the features that it is computed from, and repeat its expression.');
  }
}

/** Of what is registered already, whether it still fits what has been registered anew below it. */
function checkExpressions(definition: OnDemandFeatureViewDefinition, catalog: Catalog, report: Report): void {
  const inputs = expressionInputs(definition, (reference) => {
    const type = catalog.find('FEATURE', reference)?.definition.type;
    return type === undefined ? undefined : parseValueType(type);
  });
  if (inputs !== undefined) typedFeatures(definition.features, inputs, report);
}

function refuseEqual(named: readonly { name: string; path: string }[], fix: string, report: Report): void {
  const first = new Map<string, string>();
  for (const { name, path } of named) {
    const other = first.get(columnIdentity(name));
    first.set(columnIdentity(name), other ?? path);
    if (other !== undefined) report(path, `"${name}" is already the name of ${other}.`, fix);
  }
}
