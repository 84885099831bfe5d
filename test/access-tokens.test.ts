import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import Provider from 'oidc-provider';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { freePort } from './servers/free-port.ts';
import { adminKey, ask, guarded } from './servers/guarded.ts';

const audience = 'https://features.example.com';

describe('tokens of an OpenID provider', () => {
  let issuer: Server;
  let issuerUrl: string;
  let server: TestServer;
  let privateKey: CryptoKey;

  before(async () => {
    const port = await freePort();
    issuerUrl = `http://127.0.0.1:${port}`;
    const pair = await generateKeyPair('ES256', { extractable: true });
    privateKey = pair.privateKey;
    const jwk: JWK = { ...(await exportJWK(privateKey)), kid: 'known', alg: 'ES256', use: 'sig' };
    const provider = new Provider(issuerUrl, {
      clients: [
        {
          client_id: 'trainer',
          client_secret: 'word',
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
          id_token_signed_response_alg: 'ES256',
        },
      ],
      jwks: { keys: [jwk as never] },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => audience,
          getResourceServerInfo: () => ({
            scope: 'read',
            audience,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
      extraTokenClaims: () => ({ groups: ['team'] }),
    });
    issuer = createServer(provider.callback()).listen(port, '127.0.0.1');
    server = await startTestServer({
      worker: false,
      variables: {
        ...guarded,
        FEATUREGRAPH_OIDC_ISSUER: issuerUrl,
        FEATUREGRAPH_OIDC_AUDIENCE: audience,
        FEATUREGRAPH_OIDC_ROLES_CLAIM: 'features_roles',
        FEATUREGRAPH_OIDC_CLOCK_TOLERANCE_SECONDS: '0',
      },
    });
  });
  after(async () => {
    await server?.stop();
    issuer?.close();
    issuer?.closeAllConnections();
  });

  const sign = (
    claims: Record<string, unknown>,
    {
      key = privateKey,
      kid = 'known',
      expires = '5m',
    }: { key?: CryptoKey; kid?: string; expires?: string | Date } = {},
  ) =>
    new SignJWT({ sub: 'ada', iss: issuerUrl, aud: audience, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setExpirationTime(expires)
      .sign(key);
  const statusOf = async (token: string) => (await ask(server, token, '{ viewer { name } }')).status;

  test('name their bearer, who has the roles of his groups', async () => {
    const answer = await fetch(`${issuerUrl}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'trainer',
        client_secret: 'word',
        scope: 'read',
      }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const viewer = '{ viewer { kind name groups } }';
    const { data } = await ask(server, token, viewer);
    assert.deepEqual(data.viewer, { kind: 'TOKEN', name: 'trainer', groups: ['team'] });
    const query = '{ sources { totalCount } }';
    assert.equal((await ask(server, token, query)).errors?.[0]?.extensions.code, 'FORBIDDEN');
    await ask(server, adminKey, 'mutation { grantRole(to: { group: "team" }, role: VIEWER) { id } }');
    assert.equal((await ask(server, token, query)).errors, undefined);
  });

  test('give the roles of a claim, and no others', async () => {
    const query = '{ viewer { grants { role } } }';
    const { data } = await ask(server, await sign({ features_roles: ['admin', 'king'] }), query);
    assert.deepEqual(data.viewer, { grants: [{ role: 'ADMIN' }] });
  });

  test('are refused that are of others, for others, over, or not signed by a key of the issuer', async () => {
    const { privateKey: other } = await generateKeyPair('ES256');
    const [head, body] = (await sign({})).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    const symmetric = await new SignJWT({ sub: 'ada', iss: issuerUrl, aud: audience })
      .setProtectedHeader({ alg: 'HS256', kid: 'known' })
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode('a word that is long enough for it'));
    const wrong = [
      await sign({ aud: 'https://others.example.com' }),
      await sign({ iss: 'https://others.example.com' }),
      await sign({}, { expires: '1 minute ago' }),
      await sign({}, { key: other }),
      await sign({}, { key: other, kid: 'unknown' }),
      `${head}.${body}.`,
      none,
      symmetric,
    ];
    for (const [at, token] of wrong.entries()) assert.equal(await statusOf(token), 401, `token ${at}`);
    assert.equal(await statusOf(await sign({})), 200);
  });

  test('end when they say, also those that were believed before', async () => {
    let token = '';
    // On a busy machine a second can be over before it is asked for.
    for (let seconds = 1; token === '' || (await statusOf(token)) !== 200; seconds *= 2) {
      token = await sign({ jti: `ends after ${seconds}` }, { expires: new Date(Date.now() + seconds * 1_000) });
    }
    await eventually(async () => assert.equal(await statusOf(token), 401));
  });

  test('of somebody who is called like a key are told from it', async () => {
    await ask(server, adminKey, 'mutation { createApiKey(name: "grace") { secret } }');
    const { data } = await ask(server, await sign({ sub: 'grace' }), '{ viewer { kind name } }');
    assert.deepEqual(data.viewer, { kind: 'TOKEN', name: `token:${issuerUrl}#grace` });
  });

  test('are taken from a gateway that says on whose behalf it asks, and from no other key', async () => {
    const create =
      'mutation ($name: String!, $gateway: Boolean!) { createApiKey(name: $name, gateway: $gateway) { secret } }';
    const made = async (name: string, gateway: boolean) =>
      ((await ask(server, adminKey, create, { name, gateway })).data.createApiKey as { secret: string }).secret;
    const headers = { 'x-featuregraph-on-behalf-of': `Bearer ${await sign({})}` };
    const query = '{ viewer { name through } }';
    const through = await ask(server, await made('router', true), query, {}, { headers });
    assert.deepEqual(through.data.viewer, { name: 'ada', through: 'router' });
    assert.equal((await ask(server, await made('plain', false), query, {}, { headers })).status, 401);
  });

  test('through a gateway are worth nothing any more once its key is revoked', async () => {
    const create = 'mutation { createApiKey(name: "edge", gateway: true) { secret apiKey { id } } }';
    const { secret, apiKey } = (await ask(server, adminKey, create)).data.createApiKey as {
      secret: string;
      apiKey: { id: string };
    };
    const { access, authenticator } = server.process.application;
    const bearer = { authorization: `Bearer ${secret}`, onBehalfOf: await sign({}) };
    const principal = await authenticator.authenticate(bearer);
    assert.deepEqual([principal.name, access.isCurrent(principal)], ['ada', true]);
    await ask(server, adminKey, 'mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id: apiKey.id });
    await eventually(async () => assert.equal(access.isCurrent(principal), false));
  });

  test('of keys that are known go on while the issuer is silent; of others they are refused', async () => {
    issuer.close();
    issuer.closeAllConnections();
    assert.equal(await statusOf(await sign({ jti: 'new' })), 200);
    const { privateKey: other } = await generateKeyPair('ES256');
    assert.equal(await statusOf(await sign({}, { key: other, kid: 'later' })), 401);
  });
});
