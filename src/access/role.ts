/** What can be done to a resource, or to the server as a whole. Reading metadata and reading values are two things. */
export const actions = [
  /** To see that it is there, and all that is registered of it. */
  'VIEW',
  /** To read its values where training reads them: previews, rows, downloads, retrievals. */
  'READ',
  /** To read its values online. */
  'SERVE',
  /** To register, change and delete it. */
  'REGISTER',
  /** To start its jobs. */
  'RUN',
  /** To write its values online. */
  'PUSH',
  /** To see all jobs, to cancel and retry them, and to ask providers how they are. */
  'OPERATE',
  /** To make keys and to grant roles. */
  'ADMINISTER',
] as const;
export type Action = (typeof actions)[number];

export const roles = ['VIEWER', 'READER', 'MODEL', 'EDITOR', 'OPERATOR', 'ADMIN'] as const;
export type Role = (typeof roles)[number];

/** The one table of who may do what. An administrator could grant it to himself anyway. */
export const actionsOf: Readonly<Record<Role, ReadonlySet<Action>>> = {
  VIEWER: new Set<Action>(['VIEW']),
  READER: new Set<Action>(['VIEW', 'READ']),
  MODEL: new Set<Action>(['SERVE']),
  EDITOR: new Set<Action>(['VIEW', 'READ', 'SERVE', 'REGISTER', 'RUN', 'PUSH']),
  OPERATOR: new Set<Action>(['VIEW', 'OPERATE']),
  ADMIN: new Set<Action>(actions),
};

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}
