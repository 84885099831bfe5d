/** How it is known who asks. OPEN: authentication is off, and whoever reaches the server may do anything. */
export const principalKinds = ['OPEN', 'API_KEY', 'TOKEN'] as const;
export type PrincipalKind = (typeof principalKinds)[number];

/** Who acts: who was authenticated, never who somebody says to be. Immutable; one for all requests of one credential. */
export type Principal = {
  readonly kind: PrincipalKind;
  /** Unique and lasting, as `key:2f9k…` or `token:https://issuer#subject`: what is counted and limited by. */
  readonly id: string;
  /** What is recorded as "by": an API key's name, or who a token speaks of. */
  readonly name: string;
  /** The id of the API key that was sent: his own, or that of the gateway that vouches for him. */
  readonly keyId?: string;
  /** What a token says of its bearer: whom grants may name as `user` and as `group`. */
  readonly user?: string;
  readonly groups: readonly string[];
  /** Roles that a token's claim gives on everything. */
  readonly claimedRoles: readonly string[];
  /** When its credential ends; undefined for never. */
  readonly expiresAt?: Date;
  /** The name of the gateway that vouches for it. */
  readonly through?: string;
};

/** Whoever asks a server that authenticates nobody. */
export const anonymous: Principal = {
  kind: 'OPEN',
  id: 'anonymous',
  name: 'anonymous',
  groups: [],
  claimedRoles: [],
};
