import { compileExpression, type Expression, type ExpressionInput, formatProblem } from '../expressions/expression.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import type { OnDemandFeatureViewDefinition } from '../registry/definitions/definition.ts';
import { expressionInputs } from '../registry/on-demand/expression-inputs.ts';
import { registeredType } from '../serving/view-rows.ts';

/**
 * An on-demand feature view, ready to compute. `inputs` are what its expressions may name: its features in their order,
 * then the values of the request. `expressions` are its features', in their order.
 */
export type CompiledView = { inputs: readonly ExpressionInput[]; expressions: readonly Expression[] };

const known = new WeakMap<OnDemandFeatureViewDefinition, CompiledView>();

/** Worked out once per definition: definitions are immutable. They were checked at registration. */
export function compiledView(catalog: Catalog, { definition }: ResourceOf<'ON_DEMAND_FEATURE_VIEW'>): CompiledView {
  const earlier = known.get(definition);
  if (earlier !== undefined) return earlier;
  const inputs = expressionInputs(definition, (reference) => {
    const feature = catalog.find('FEATURE', reference);
    return feature && registeredType(feature.definition.type);
  });
  if (inputs === undefined) throw new TypeError(`an input of ${definition.name} is not in the catalog`);
  const expressions = definition.features.map(({ expression }) => compiled(expression, inputs));
  const view = { inputs, expressions };
  known.set(definition, view);
  return view;
}

function compiled(text: string, inputs: readonly ExpressionInput[]): Expression {
  const result = compileExpression(text, inputs);
  if ('expression' in result) return result.expression;
  throw new TypeError(`an expression is registered that is none: ${formatProblem(result.problem)}`);
}
