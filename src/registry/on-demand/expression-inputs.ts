import { parseValueType, type ValueType } from '../../../providers/contract/value-type.ts';
import type { ExpressionInput } from '../../expressions/expression.ts';
import type { OnDemandFeatureViewDefinition } from '../definitions/definition.ts';
import { parseReference } from '../reference.ts';

type View = Pick<OnDemandFeatureViewDefinition, 'inputs' | 'request'>;

/** What values of a request are said with: `request.amount`. */
export const requestWord = 'request';

/** What expressions call an input: its alias, or the feature's name, after the role where one is given. */
export function inputName({ feature, role, alias }: View['inputs'][number]): string {
  if (alias !== undefined) return alias;
  const own = parseReference('FEATURE', feature)?.feature ?? feature;
  return role === undefined ? own : `${role}_${own}`;
}

/**
 * What the expressions of a view may name: its features first, in their order, then the values of the request. Undefined
 * where the type of a feature is not known.
 */
export function expressionInputs(
  { inputs, request }: View,
  typeOf: (feature: string) => ValueType | undefined,
): ExpressionInput[] | undefined {
  const features = inputs.flatMap((one): ExpressionInput[] => {
    const type = typeOf(one.feature);
    return type === undefined ? [] : [{ name: inputName(one), type }];
  });
  const values = request.flatMap(({ name, type: written }): ExpressionInput[] => {
    const type = parseValueType(written);
    return type === undefined ? [] : [{ name: `${requestWord}.${name}`, type }];
  });
  return features.length < inputs.length ? undefined : [...features, ...values];
}
