/** The versions of Apollo Federation that the graph can be printed for. 2.5 brought directives of access. */
export const federationVersions = ['2.3', '2.9', '2.12'] as const;

export type FederationVersion = (typeof federationVersions)[number];
