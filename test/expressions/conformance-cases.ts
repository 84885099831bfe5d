import type { Value as CelValue } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { getConformanceSuite, type IncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { type ScalarName, scalar, type Value } from '../../providers/contract/value-type.ts';
import type { ExpressionInput } from '../../src/expressions/expression.ts';

/** A case of the CEL specification's own suite; `expected` is `undefined` where it has to fail. */
export type ConformanceCase = {
  name: string;
  text: string;
  inputs: ExpressionInput[];
  values: Value[];
  expected: unknown;
};

/** Suites of what is no type or function of ours, and why. */
const otherSuites: Readonly<Record<string, string>> = {
  proto2: 'messages',
  proto2_ext: 'messages',
  proto3: 'messages',
  enums: 'messages',
  fields: 'messages and maps',
  wrappers: 'messages',
  dynamic: 'messages',
  namespace: 'messages',
  optionals: 'optional values',
  macros2: 'macros with two variables, which the parser does not know',
  bindings_ext: 'an extension',
  block_ext: 'an extension',
  encoders_ext: 'an extension',
  type_deductions: 'types of the checker of cel-go',
};

/** What makes a case one of no type of ours; the first that fits is its reason. */
const otherTexts: readonly (readonly [RegExp, string])[] = [
  [/\d[uU]\b|\buint\b/, 'unsigned integers'],
  [/\bdyn\b|\btype\(|^(?:bool|int|double|string|bytes|list|map|type|null_type|dyn)$/, 'types as values'],
  [/\{/, 'maps and messages'],
  [/TestAllTypes|google\./, 'messages'],
  [/\?\.|\[\?/, 'optional values'],
  [
    /\.bit(?:And|Or|Xor|Not|Shift\w+)\(|charAt|\.format\(|\.reverse\(|strings\.quote|\.(?:lastI|i)ndexOf\([^,)]*, -?\d+\)/,
    'functions that there are not',
  ],
  [/\.split\([^)]*, |\.replace\([^)]*, [^)]*, -?\d+\)/, 'functions that there are not'],
  [/\d{7}[1-9]\d*Z|\dns'|\.\d{3}\d{3}[1-9]/, 'nanoseconds'],
];

/** Cases that are refused when they are registered, where the specification finds it out in a row, or never. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  'values that are nothing at all': [
    'basic/self_eval_zeroish/self_eval_null',
    'basic/self_eval_zeroish/self_eval_empty_list',
    'basic/reserved_const/null',
    'lists/concatenation/empty_empty',
    'macros/all/list_empty',
    'macros/map/list_empty',
    'macros/filter/list_empty',
  ],
  'names that there are not': [
    'basic/variables/unbound_is_runtime_error',
    'basic/functions/unbound_is_runtime_error',
    ...['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package'].map(
      (word) => `parse/receiver_function_names/${word}`,
    ),
    ...['namespace', 'return', 'var', 'void', 'while'].map((word) => `parse/receiver_function_names/${word}`),
  ],
  'several types in one place': [
    'comparisons/eq_literal/not_eq_list_length',
    'comparisons/eq_literal/not_eq_list_false_vs_types',
    'comparisons/eq_literal/eq_mixed_types',
    'comparisons/eq_literal/eq_list_elem_mixed_types',
    'comparisons/in_list_literal/elem_in_mixed_type_list',
    'logic/conditional/mixed_type',
    'logic/AND/short_circuit_type_left',
    'logic/AND/short_circuit_type_right',
    'logic/OR/short_circuit_type_left',
    'logic/OR/short_circuit_type_right',
    'macros/exists/list_elem_type_shortcircuit',
    'macros/exists/list_elem_type_exhaustive',
    'macros/all/list_elem_type_shortcircuit',
    'plumbing/check_inputs/skip_check',
    ...['binary', 'ternary'].map((many) => `math_ext/greatest_int_result/${many}_with_decimal`),
    ...['binary', 'ternary'].map((many) => `math_ext/least_int_result/${many}_with_decimal`),
    ...['binary', 'ternary'].map((many) => `math_ext/greatest_double_result/${many}_with_int`),
    ...['binary', 'ternary'].map((many) => `math_ext/least_double_result/${many}_with_int`),
    'math_ext/greatest_double_result/binary_first_arg_double_max',
    'math_ext/greatest_double_result/binary_second_arg_double_max',
    ...['max', 'min'].map((end) => `math_ext/greatest_double_result/ternary_double_${end}`),
    ...['max', 'min'].map((end) => `math_ext/least_double_result/ternary_double_${end}`),
  ],
};

export function conformanceCases(): { cases: ConformanceCase[]; others: Map<string, string[]> } {
  const cases: ConformanceCase[] = [];
  const others = new Map<string, string[]>();
  const setAside = (why: string, name: string) => others.set(why, [...(others.get(why) ?? []), name]);
  const visit = (suite: IncrementalTestSuite, path: string) => {
    for (const { name, original } of suite.tests) {
      const text = original.expr;
      const whole = `${path}/${name}`;
      const other =
        otherSuites[path.split('/')[0] ?? ''] ??
        Object.entries(otherNames).find(([, names]) => names.includes(whole))?.[0] ??
        otherTexts.find(([pattern]) => pattern.test(text))?.[1];
      const read = other ?? caseOf(whole, original);
      if (typeof read === 'string') setAside(read, whole);
      else cases.push(read);
    }
    for (const inner of suite.suites) visit(inner, path === '' ? inner.name : `${path}/${inner.name}`);
  };
  visit(getConformanceSuite(), '');
  return { cases, others };
}

type Original = ReturnType<typeof getConformanceSuite>['tests'][number]['original'];

function caseOf(name: string, original: Original): ConformanceCase | string {
  const [inputs, values]: [ExpressionInput[], Value[]] = [[], []];
  for (const [input, { kind }] of Object.entries(original.bindings)) {
    const given = kind.case === 'value' ? kind.value : undefined;
    const type = given && typeOf[given.kind.case ?? ''];
    if (given === undefined || type === undefined) return 'bindings of other types';
    inputs.push({ name: input, type: scalar(type) });
    values.push(bound(given) as Value);
  }
  const { resultMatcher } = original;
  const fails = resultMatcher.case === 'evalError' || resultMatcher.case === 'anyEvalErrors';
  const expected = resultMatcher.case === 'value' ? bound(resultMatcher.value) : fails ? undefined : true;
  return { name, text: original.expr, inputs, values, expected };
}

const typeOf: Readonly<Record<string, ScalarName>> = {
  int64Value: 'INT64',
  doubleValue: 'FLOAT64',
  boolValue: 'BOOL',
  stringValue: 'STRING',
  bytesValue: 'BYTES',
};

function bound({ kind }: CelValue): unknown {
  if (kind.case === 'nullValue') return null;
  return kind.case === 'listValue' ? kind.value.values.map(bound) : kind.value;
}
