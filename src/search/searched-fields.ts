import type { Resource } from '../registry/catalog.ts';
import { parseReference, type ResourceKind } from '../registry/reference.ts';
import { initialsOf } from './words.ts';

/** What of a resource is searched. A view is that of a feature; a column is one that it reads or has. */
export const searchedFields = ['NAME', 'INITIALS', 'DESCRIPTION', 'OWNER', 'TAG', 'VIEW', 'COLUMN'] as const;
export type SearchedField = (typeof searchedFields)[number];

/** The texts of a resource, one for each of its searched fields. `columns` are those that its store told of a source. */
export function searchedTexts(resource: Resource, columns: readonly string[]): Record<SearchedField, string> {
  return {
    NAME: resource.name,
    INITIALS: initialsOf(resource.name) ?? '',
    DESCRIPTION: resource.description,
    OWNER: resource.owner ?? '',
    TAG: resource.tags.join(' '),
    VIEW: resource.definition.kind === 'FEATURE' ? nameOf('FEATURE_VIEW', resource.definition.view) : '',
    COLUMN: [...new Set([...columnsOf(resource), ...columns])].join(' '),
  };
}

function columnsOf({ definition }: Resource): string[] {
  switch (definition.kind) {
    case 'ENTITY':
      return definition.joinKeys.map(({ name }) => name);
    case 'FEATURE':
      return definition.column === undefined || definition.column === definition.name ? [] : [definition.column];
    case 'SOURCE':
      return (definition.files?.columns ?? []).map(({ name }) => name);
    case 'LABEL':
      return [definition.value.column, ...definition.columns];
    default:
      return [];
  }
}

function nameOf(kind: ResourceKind, reference: string): string {
  return parseReference(kind, reference)?.name ?? reference;
}
