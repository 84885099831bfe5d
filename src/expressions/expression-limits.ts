/**
 * What an expression may cost. The first five are checked when it is compiled; the others make the value of a row an
 * error, so that no row can hold up the others.
 */
export const expressionLimits = {
  /** Characters of its text. */
  characters: 4_000,
  /** Nodes of its syntax tree: names, literals, operators and calls. */
  nodes: 500,
  /** How deep they are nested, and brackets in the text. */
  depth: 50,
  /** Macros such as `all` and `map` within one another. */
  nestedMacros: 2,
  /** Characters of all its patterns, each as often as it is repeated: some 10 µs to compile one at worst. */
  patterns: 2_000,
  /**
   * Steps of one row, each of some ten nanoseconds: an element that a macro goes through is one, and one for each part of
   * what it does with it; others are by the length of what is read or compared.
   */
  steps: 500_000,
  /** The same of a part that is always the same, and is worked out when it is registered. */
  stepsOfConstant: 10_000,
  /** The same of a predicate over events, of which a key may have many. */
  stepsOfPredicate: 20_000,
  /** Elements of a list that is made. */
  listElements: 10_000,
  /** UTF-16 code units of a text, or bytes, that are made. */
  textLength: 100_000,
} as const;
