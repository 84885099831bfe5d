import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isObjectType } from 'graphql';
import { schema } from '../schema/schema.ts';
import { fieldRules } from '../src/access/field-rules.ts';
import { reviewedFields } from './servers/reviewed-fields.ts';

describe('the rules of access', () => {
  test('are there for each field, or somebody has seen that it needs none', () => {
    const types = Object.values(schema.getTypeMap()).filter(
      (type) => isObjectType(type) && !type.name.startsWith('__'),
    );
    const all = types
      .filter(isObjectType)
      .flatMap((type) => Object.keys(type.getFields()).map((own) => `${type.name}.${own}`));
    const reviewed = Object.entries(reviewedFields).flatMap(([type, own]) =>
      own.split(' ').map((one) => `${type}.${one}`),
    );
    const decided = [...Object.keys(fieldRules), ...reviewed];
    assert.deepEqual(all.toSorted(), decided.toSorted());
  });
});
