import { type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';
import type { RequestContext } from '../resolvers/request-context.ts';
import { type FieldRule, fieldRules } from '../src/access/field-rules.ts';

/** Puts its rule before each field that has one. Throws where a root field has none, so that none can be forgotten. */
export function guardFields(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const guarded = new Set<string>();
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      const rule = fieldRules[name];
      if (rule !== undefined) guarded.add(name);
      if (rule === undefined && roots.includes(type)) throw new TypeError(`${name} has no rule of access`);
      if (rule !== undefined && rule !== 'ANYBODY') guard(field, rule);
    }
  }
  const unknown = Object.keys(fieldRules).find((name) => !guarded.has(name));
  if (unknown !== undefined) throw new TypeError(`${unknown} has a rule of access, and is no field`);
  return schema;
}

/** A field without a resolver gives what its object holds, and needs no rule of its own. */
function guard(field: GraphQLField<unknown, RequestContext>, rule: Exclude<FieldRule, 'ANYBODY'>): void {
  const { resolve, subscribe } = field;
  if (subscribe !== undefined) {
    field.subscribe = (root, args, context, info) => {
      context.demand(...rule);
      return subscribe(root, args, context, info);
    };
    return;
  }
  if (resolve === undefined) throw new TypeError(`${field.name} has a rule of access, and no resolver`);
  field.resolve = (root, args, context, info) => {
    context.demand(...rule);
    return resolve(root, args, context, info);
  };
}
