import { mutantsOf } from './mutant.ts';

const keys = ['test/access-keys.test.ts'];
const fields = ['test/access-fields.test.ts'];
const tokens = ['test/access-tokens.test.ts'];
const sealed = ['test/sealed-secrets.test.ts'];

export const accessMutants = [
  ...mutantsOf('src/access/api-key.ts', keys, [
    ['any secret opens a key that was rotated', 'isLive(key, now) && (isPresent', 'isLive(key, now) && (true'],
    ['a key goes on after its end', 'expiresAt > now', 'true'],
    ['a revoked key goes on', 'revokedAt === null && (expiresAt', '(expiresAt'],
    ['the secret before the last is never valid', '(isEarlier && isInGrace)', 'false'],
    ['the secret before the last is valid for ever', 'isEarlier && isInGrace', 'isEarlier'],
  ]),
  ...mutantsOf('src/access/authenticator.ts', tokens, [
    ['any key speaks for others', 'if (!found.gateway)', 'if (false)'],
    ['a token takes the name of a key', 'this.#access.isKeyName(principal.name)', 'false'],
  ]),
  ...mutantsOf('src/access/token-verifier.ts', tokens, [
    ['tokens for others are taken', 'const options = { issuer, audience,', 'const options = { issuer,'],
    ['tokens of others are taken', 'const options = { issuer, audience,', 'const options = { audience,'],
    ['a token is believed after its end', 'earlier.until > Date.now()', 'true'],
  ]),
  ...mutantsOf(
    'src/access/rights.ts',
    [...fields, ...keys],
    [
      [
        'a bound grant holds for everything',
        'grant.isUnbound && grant.actions.has(action)',
        'grant.actions.has(action)',
      ],
      ['sensitive values need no grant of their own', '(grant.sensitive || !sensitive)', 'true'],
      [
        'sensitive values are served to all',
        "one.isUnbound && one.actions.has('SERVE') && one.sensitive",
        "one.isUnbound && one.actions.has('SERVE')",
      ],
      ['features are not matched with their view', "definition.kind === 'FEATURE_VIEW'", 'false'],
      ['a service serves no features', "definition.kind === 'FEATURE_SERVICE' && action === 'SERVE'", 'false'],
      [
        'whoever may see a service reads its features',
        "definition.kind === 'FEATURE_SERVICE' && action === 'SERVE'",
        "definition.kind === 'FEATURE_SERVICE'",
      ],
      ['edges lead to what is hidden', 'ids.has(from) && ids.has(to)', 'ids.has(from)'],
    ],
  ),
  ...mutantsOf(
    'src/access/grant.ts',
    [...fields, ...keys],
    [
      ['a tag selects nothing', 'resource.tags.includes(tag)', 'true'],
      ['an owner selects nothing', 'resource.owner === owner', 'true'],
      ['a kind selects nothing', 'resource.kind === kind', 'true'],
      ['a dot of a reference is any character', "'\\\\$&').replaceAll", "'$&').replaceAll"],
      ['a named variant is any', "if (written.includes('@'))", 'if (false)'],
      ['a group is granted to nobody', 'principal.groups.includes(name)', 'false'],
    ],
  ),
  ...mutantsOf(
    'src/access/sensitivity.ts',
    [...fields, ...keys],
    [
      [
        'features of a sensitive view are not',
        'return view !== undefined && (this.hasTag(view.tags) ||',
        'return view !== undefined && (false ||',
      ],
      [
        'what is computed from the sensitive is not',
        "input.kind === 'SOURCE' && this.isSensitive(input, catalog)",
        'false',
      ],
    ],
  ),
  ...mutantsOf('src/stores/sealing.ts', sealed, [
    ['a secret opens at another address', 'path, destinationOf(config)]', 'path]'],
    ['a secret opens in another provider', 'this.#project, name, variant, path', 'this.#project, path'],
    ['later keys seal', 'if (key === undefined) throw unknownKey(id, place);', 'if (key === undefined) return sealed;'],
  ]),
];
