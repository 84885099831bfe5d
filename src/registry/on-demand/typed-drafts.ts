import type { Issue } from '../../../providers/contract/failure.ts';
import { formatValueType, parseValueType, type ValueType } from '../../../providers/contract/value-type.ts';
import { compileExpression, type ExpressionInput, formatProblem } from '../../expressions/expression.ts';
import type { Catalog } from '../catalog.ts';
import type { Definition, OnDemandFeatureViewDefinition } from '../definitions/definition.ts';
import { type Draft, pathOf } from '../drafts.ts';
import { parseReference, viewOfFeature } from '../reference.ts';
import { expressionInputs } from './expression-inputs.ts';

type Features = OnDemandFeatureViewDefinition['features'];

/**
 * On-demand feature views with the types of their features, which follow from the expressions and the types of what they
 * name. What is wrong with an expression is reported with its place.
 */
export function typedDrafts(catalog: Catalog, drafts: readonly Draft[], issues: Issue[]): Draft[] {
  const batch = new Map(drafts.map(({ definition }) => [identityOf(definition), definition]));
  const typeOf = (reference: string): ValueType | undefined => {
    const view = batch.get(`FEATURE_VIEW ${viewOfFeature(reference)}`);
    const name = parseReference('FEATURE', reference)?.feature;
    const own = view?.kind === 'FEATURE_VIEW' ? view.features.find((one) => one.name === name) : undefined;
    const type = own?.type ?? storedType(catalog, reference);
    return type === undefined ? undefined : parseValueType(type);
  };
  return drafts.map((draft) => {
    if (draft.definition.kind !== 'ON_DEMAND_FEATURE_VIEW') return draft;
    const { definition, at } = draft;
    const inputs = expressionInputs(definition, typeOf);
    if (inputs === undefined) return draft;
    const report = (path: string, message: string, fix: string) => {
      issues.push({ path: pathOf(at, path), message, fix });
    };
    return { at, definition: { ...definition, features: typedFeatures(definition.features, inputs, report) } };
  });
}

type Report = (path: string, message: string, fix: string) => void;

/** The features with the types that they turn out to have; one that is given must be the same. */
export function typedFeatures(features: Features, inputs: readonly ExpressionInput[], report: Report): Features {
  return features.map((feature, at) => {
    const compiled = compileExpression(feature.expression, inputs);
    if ('problem' in compiled) {
      report(`features[${at}].expression`, formatProblem(compiled.problem), compiled.problem.fix);
      return feature;
    }
    const type = formatValueType(compiled.expression.type);
    if (feature.type === undefined || feature.type === type) return { ...feature, type };
    report(
      `features[${at}].type`,
      `"${feature.name}" is ${feature.type}, and its expression gives ${type}.`,
      `Leave out the type, or convert in the expression.`,
    );
    return feature;
  });
}

function storedType(catalog: Catalog, reference: string): string | undefined {
  const definition = catalog.find('FEATURE', reference)?.definition;
  return definition?.expression === undefined ? definition?.type : undefined;
}

function identityOf({ kind, name, variant }: Definition): string {
  return `${kind} ${name}@${variant}`;
}
