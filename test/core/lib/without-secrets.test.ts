import { createHash } from 'node:crypto';

import { withoutSecrets } from '../../../packages/core/src/lib/without-secrets.js';

describe('the text of an error without secrets', () => {
  it.each<[string, string]>([
    ['redis://:p@ss@host:6379', 'redis://…@host:6379'],
    ['redis://user:pa/ss@host:6379', 'redis://…@host:6379'],
    ['postgres://user:hunter2@db:5432/app', 'postgres://…@db:5432/app'],
    ['https://host.test:8080/@scope/name', 'https://host.test:8080/@scope/name'],
    ['login failed (password=hunter2)', 'login failed (password=…)'],
    ['{"password":"hunter2","user":"a"}', '{"password":"…","user":"a"}'],
    ['client_secret: hunter2, scope: a', 'client_secret: …, scope: a'],
    ['GET /callback?code=abc&state=d failed', 'GET /callback?… failed'],
    ['Authorization: Bearer abc.def', 'Authorization: Bearer …'],
    ['no user ada@example.com', 'no user …'],
  ])('of %p is %p', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
  });

  it.each([
    'connect ECONNREFUSED 127.0.0.1:6379',
    'WRONGPASS invalid username-password pair or user is disabled',
    'the secret is too short',
    "ENOENT: no such file, open '/var/lib/some-long-directory/with-many-words/file.ts'",
    'RedisSessionStoreUnavailableError in refreshTokenPairForSession',
    'XMLHttpRequestHTTPError in getURLOfTheNextPage',
  ])('keeps what names no secret: %p', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  // One of 1 500 texts of 32 bytes in base64 has no digit.
  it.each(['SsjJMfKIIihDtsAkpXMmojGtyOjJUlZoBhtNrgfQOwI=', 'sJqkPdLmXwZbRtYvNcHgQa'])(
    'contains no random letters without a digit: %s',
    (secret) => {
      expect(withoutSecrets(`bad ${secret}`)).toBe('bad …');
      expect(withoutSecrets(`token=${secret};b`)).not.toContain(secret.slice(8, 18));
    },
  );

  it('contains no part of a long random string, wherever it is', () => {
    for (let count = 0; count < 200; count += 1) {
      // The same in every run: a few of a million texts in base64 have neither a digit nor enough capitals to be recognised.
      const bytes = createHash('sha256').update(`secret ${count}`).digest();
      const uuid = bytes
        .toString('hex')
        .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');
      const secrets = [bytes.toString('hex'), bytes.toString('base64'), uuid];
      for (const secret of secrets) {
        const texts = [
          `bad ${secret}`,
          `(token)=('${secret}')`,
          JSON.stringify(JSON.stringify({ token: secret })),
          `GET /reset/${secret}/x`,
          `a=${secret};b`,
          `${secret}.${secret}`,
        ];
        for (const text of texts) expect(withoutSecrets(text)).not.toContain(secret.slice(8, 18));
      }
    }
  });

  // An expression that looks back from each character would need minutes.
  it.each(['a', 'a:', '://', 'a://', '@', 'a@', '?', 'password=', 'x://a:', '=', '%', 'x://:'])(
    'is made at once of many %p',
    (part) => {
      expect(withoutSecrets(part.repeat(1_000 / part.length)).length).toBeLessThanOrEqual(1_000);
    },
  );
});
