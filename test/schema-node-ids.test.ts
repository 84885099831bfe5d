import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getNamedType, isObjectType } from 'graphql';
import { schema } from '../schema/schema.ts';

describe('the ids of nodes', () => {
  const nodes = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => type.getInterfaces().some(({ name }) => name === 'Node'));

  test('are answered at once, each by its type and by what it is known by there', () => {
    assert.ok(nodes.length > 10);
    for (const type of nodes) {
      const { id } = type.getFields();
      assert.equal(getNamedType(id?.type)?.name, 'ID');
      const isResource = type.getInterfaces().some(({ name }) => name === 'Resource');
      const answered: unknown = id?.resolve?.({ ref: 'a@v1', id: '7' }, {}, {} as never, {} as never);
      const known = `${type.name}:${isResource ? 'a@v1' : '7'}`;
      assert.equal(answered, Buffer.from(known).toString('base64url'), type.name);
    }
  });
});
