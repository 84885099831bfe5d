import type { ProviderDefinition } from './definitions/definition.ts';
import type { ProviderConfig } from './definitions/provider-config.ts';

/** What a provider can serve as. One product can be several. */
export const providerRoles = ['OFFLINE_STORE', 'ONLINE_STORE', 'VECTOR_STORE'] as const;
export type ProviderRole = (typeof providerRoles)[number];

export type Product = keyof ProviderConfig;

const rolesByProduct = {
  duckdb: ['OFFLINE_STORE'],
  lmdb: ['ONLINE_STORE'],
  usearch: ['VECTOR_STORE'],
  postgres: ['OFFLINE_STORE', 'ONLINE_STORE', 'VECTOR_STORE'],
  redis: ['ONLINE_STORE'],
  qdrant: ['VECTOR_STORE'],
} as const satisfies Record<Product, readonly ProviderRole[]>;

export type RoleOf<P extends Product> = (typeof rolesByProduct)[P][number];

export const products = Object.keys(rolesByProduct) as Product[];

/** The one product that a provider's config names. */
export function productOf(provider: Pick<ProviderDefinition, 'config'>): Product {
  const product = products.find((one) => provider.config[one] !== undefined);
  if (product === undefined) throw new TypeError('a registered provider configures a product');
  return product;
}

export function rolesOf(provider: Pick<ProviderDefinition, 'config'>): readonly ProviderRole[] {
  return rolesByProduct[productOf(provider)];
}

export function roleInWords(role: ProviderRole): string {
  return role.toLowerCase().replaceAll('_', ' ');
}
