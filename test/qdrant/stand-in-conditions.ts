import { z } from 'zod';
import { anyOf, chosen, Refusal, untagged } from './stand-in-reading.ts';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export const pointId = anyOf<z.ZodType<number | string>>(
  [z.int().nonnegative(), z.string().regex(uuid)],
  (input) => `value ${input} is not a valid point ID, valid values are either an unsigned integer or a UUID`,
);
export type PointId = z.infer<typeof pointId>;

const strings = z.array(z.string());
const integers = z.array(z.int());
const match = anyOf(
  [
    z.object({ value: z.union([z.string(), z.int(), z.boolean()]) }),
    z.object({ any: z.union([strings, integers]) }),
    z.object({ except: z.union([strings, integers]) }),
  ],
  untagged('MatchInterface'),
);
export type Match = z.infer<typeof match>;

const bounds = <T extends z.ZodType>(value: T) => {
  const bound = value.nullish();
  return z.object({ gt: bound, gte: bound, lt: bound, lte: bound });
};
const range = anyOf([bounds(z.number()), bounds(z.iso.datetime({ offset: true }))], untagged('RangeInterface'));
export type Range = z.infer<typeof range>;

const fieldCondition = z.object({ key: z.string(), match: match.nullish(), range: range.nullish() });
const keyed = z.object({ key: z.string() });
const conditionForms = {
  key: fieldCondition,
  has_id: z.object({ has_id: z.array(pointId) }),
  is_empty: z.object({ is_empty: keyed }),
  is_null: z.object({ is_null: keyed }),
};

export type Condition = z.infer<(typeof conditionForms)[keyof typeof conditionForms]> | Filter;
export type Filter = {
  must?: Condition[] | undefined;
  must_not?: Condition[] | undefined;
  should?: Condition[] | undefined;
  min_should?: { conditions: Condition[]; min_count: number } | undefined;
};

const condition: z.ZodType<Condition> = chosen((input) => {
  const form = Object.entries(conditionForms).find(([key]) => key in input)?.[1];
  return (form as z.ZodType<Condition> | undefined) ?? filter;
});
const conditions = chosen<Condition[]>((input) =>
  Array.isArray(input) ? z.array(condition) : condition.transform((one) => [one]),
);
export const filter: z.ZodType<Filter> = z.strictObject({
  must: conditions.optional(),
  must_not: conditions.optional(),
  should: conditions.optional(),
  min_should: z.object({ conditions: z.array(condition), min_count: z.int().nonnegative() }).optional(),
});

/** Refuses what is well formed and still means nothing. */
export function requireMeaning(body: { filter?: Filter | null | undefined; limit?: number | null | undefined }): void {
  if (body.limit === 0) throw meaningless('limit: value 0 invalid, must be 1 or larger');
  if (body.filter) requireConditions(body.filter, 'filter');
}

function requireConditions({ min_should, ...lists }: Filter, path: string): void {
  for (const [name, list] of Object.entries({ ...lists, min_should: min_should?.conditions })) {
    for (const [at, one] of (list ?? []).entries()) {
      const where = `${path}.${name}[${at}]`;
      if (!('key' in one || 'has_id' in one || 'is_null' in one || 'is_empty' in one)) requireConditions(one, where);
      else if ('key' in one && !one.match && !one.range) {
        throw meaningless(`${where}.__all__: Validation error: At least one field condition must be specified [{}]`);
      }
    }
  }
}

/** `internal` is what the server calls the body. */
function meaningless(what: string): Refusal {
  return new Refusal(422, `Validation error in JSON body: [internal.${what}]`);
}
