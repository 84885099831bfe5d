import type { Application } from '../../src/application.ts';

const firstName = 'admin';

/**
 * What whoever starts a server is to know of who may use it. Nobody else can open an embedded registry while the server
 * has it: so a new one gets its first key here, which is told this once.
 */
export async function tellAccess({ access, configuration, database }: Application): Promise<string> {
  const { required, tokens } = configuration.authentication;
  if (!required) {
    return 'Authentication is off: whoever reaches this server may do everything (FEATUREGRAPH_AUTHENTICATION=none).\n';
  }
  if (access.hasAdministrator || tokens?.rolesClaim !== undefined) return '';
  if (!database.embedded)
    return 'Nobody may use this server yet. Make a first key: featuregraph keys create --admin admin\n';
  const { written } = await access.createKey(
    { name: firstName },
    [{ role: 'ADMIN', selector: {}, sensitive: false }],
    'first start',
  );
  return [
    'This registry is new, and this is the key of its administrator. It is shown this once:',
    `  ${written}`,
    'Send it as `Authorization: Bearer <key>`; the playground has a field for it.',
    '',
  ].join('\n');
}
