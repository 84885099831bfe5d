import assert from 'node:assert/strict';
import { buildASTSchema, type ConstDirectiveNode, isObjectType, parse, valueFromASTUntyped } from 'graphql';
import type { Catalog } from '../../src/registry/catalog.ts';
import { entityTypeName, featureFieldName, viewFieldName, viewTypeName } from '../../src/registry/naming.ts';

type Words = { description: string; owner?: string | undefined; tags: string[]; deprecated?: string | undefined };
type Told = {
  description?: string | null | undefined;
  deprecationReason?: string | null | undefined;
  astNode?: { directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined;
};

/** That a subgraph tells what the registry says of entities, and of the latest views and their features. */
export function assertWordsTold(catalog: Catalog, sdl: string): void {
  const graph = buildASTSchema(parse(sdl), { assumeValidSDL: true });
  const fieldsOf = (name: string) => {
    const type = graph.getType(name);
    assert.ok(isObjectType(type), `there is no type ${name}`);
    return { type, fields: type.getFields() };
  };
  for (const { name } of catalog.ofKind('ENTITY')) {
    const entity = catalog.find('ENTITY', name) ?? assert.fail();
    const typeName = entityTypeName(entity.definition);
    const { type, fields } = fieldsOf(typeName);
    assertWords({ ...entity.definition, deprecated: undefined }, type);
    const views = catalog.ofKind('FEATURE_VIEW').filter(({ definition }) => definition.entity === entity.ref);
    for (const view of views.filter((one) => one === catalog.find('FEATURE_VIEW', one.name))) {
      const field = viewFieldName(view.definition);
      assertWords(view.definition, fields[field]);
      const own = fieldsOf(viewTypeName(typeName, field)).fields;
      for (const feature of view.definition.features) assertWords(feature, own[featureFieldName(feature)]);
    }
  }
}

function assertWords({ description, owner, tags, deprecated }: Words, told: Told | undefined): void {
  const said = told?.description ?? '';
  const words = description.trim();
  assert.ok(said.startsWith(words), `${JSON.stringify(said)} does not begin with ${JSON.stringify(words)}`);
  if (owner)
    assert.ok(said.endsWith(`Owner: ${owner}`), `${JSON.stringify(said)} does not name ${JSON.stringify(owner)}`);
  assert.equal(told?.deprecationReason ?? undefined, deprecated);
  const names = (told?.astNode?.directives ?? [])
    .filter((directive) => directive.name.value === 'tag')
    .flatMap((directive) => (directive.arguments ?? []).map(({ value }) => String(valueFromASTUntyped(value))));
  const wanted = new Set(tags.map((tag) => tag.replaceAll(/[^a-zA-Z0-9_/-]/g, '-')));
  assert.deepEqual(new Set(names), wanted);
  assert.equal(names.length, wanted.size);
}
