import type { Application } from '../../src/application.ts';
import { entryOfKey } from '../../src/audit/access-changes.ts';
import { localActor } from '../../src/audit/local-actor.ts';

const firstName = 'admin';

/**
 * What whoever starts a server is to know of who may use it. Nobody else can open an embedded registry while the server
 * has it: so a new one gets its first key here, which is told this once.
 */
export async function tellAccess({ access, audit, configuration, database }: Application): Promise<string> {
  const { required, tokens } = configuration.authentication;
  if (!required) {
    return 'Authentication is off: whoever reaches this server may do everything (FEATUREGRAPH_AUTHENTICATION=none).\n';
  }
  if (access.hasAdministrator || tokens?.rolesClaim !== undefined) return '';
  if (!database.embedded)
    return 'Nobody may use this server yet. Make a first key: featuregraph keys create --admin admin\n';
  const [by, key] = ['first start', { name: firstName }];
  const roles = [{ role: 'ADMIN' as const, selector: {}, sensitive: false }];
  const entry = entryOfKey(localActor(by), 'CREATE_KEY', key, roles);
  const { written } = await access.createKey(key, roles, by, (trx) => audit.recordIn(trx, [entry]));
  return [
    'This registry is new, and this is the key of its administrator. It is shown this once:',
    `  ${written}`,
    'Send it as `Authorization: Bearer <key>`; the dashboard and the playground have fields for it.',
    '',
  ].join('\n');
}
