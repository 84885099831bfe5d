/** One change that breaks the product: `from` occurs once in `file` and becomes `to`; one of `tests` has to fail. */
export type Mutant = {
  breaks: string;
  file: string;
  from: string;
  to: string;
  tests: readonly string[];
  /** Why nothing can be seen to differ, for a change that breaks nothing after all. */
  equivalent?: string;
};

type Change = readonly [breaks: string, from: string, to: string, equivalent?: string];

/** Changes of one file that the same tests look after. */
export function mutantsOf(file: string, tests: readonly string[], changes: readonly Change[]): Mutant[] {
  return changes.map(([breaks, from, to, equivalent]) => {
    return { breaks, file, from, to, tests, ...(equivalent !== undefined && { equivalent }) };
  });
}
