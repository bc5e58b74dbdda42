import { createTokenVerifier, discoveredKeySet, remoteKeySet, verifyBearer } from '@tokenpair/core';
import { createTestClock, startKeySetServer, type KeySetServer } from '@tokenpair/testing';

describe('a key-set server', () => {
  const clock = createTestClock();
  let server: KeySetServer;
  beforeEach(async () => {
    server = await startKeySetServer({ clock: clock.now });
  });
  afterEach(() => server.close());

  const verifierOf = (how: 'remote' | 'discovered') =>
    createTokenVerifier({
      issuer: server.issuer,
      audience: server.audience,
      clock: clock.now,
      keys:
        how === 'remote'
          ? remoteKeySet(server.url, { clock: clock.now })
          : discoveredKeySet(server.issuer, { clock: clock.now }),
    });

  it.each(['remote', 'discovered'] as const)(
    'signs tokens that its key set verifies: %s',
    async (how) => {
      const verifier = verifierOf(how);
      await expect(verifyBearer(verifier, server.bearer())).resolves.toMatchObject({
        subject: 'u_1',
        issuer: server.issuer,
      });
      await expect(
        verifyBearer(verifier, server.bearer({ sub: 'u_2', role: 'admin' })),
      ).resolves.toMatchObject({ subject: 'u_2', claims: { role: 'admin' } });
      await expect(
        verifyBearer(verifier, server.bearer({ aud: 'https://other.test' })),
      ).rejects.toMatchObject({ check: 'aud' });
      expect(server.requests).toBe(1);
    },
  );

  it('rotates its key, and withdraws the former one on demand', async () => {
    const verifier = verifierOf('remote');
    const first = server.bearer();
    await verifyBearer(verifier, first);
    server.rotate();
    clock.advance(31);
    await expect(verifyBearer(verifier, server.bearer())).resolves.toMatchObject({
      subject: 'u_1',
    });
    await expect(verifyBearer(verifier, first)).resolves.toMatchObject({ subject: 'u_1' });
    server.rotate({ withdraw: true });
    clock.advance(31);
    await verifyBearer(verifier, server.bearer());
    await expect(verifyBearer(verifier, first)).rejects.toMatchObject({
      code: 'token_key_unknown',
    });
  });

  it('fails and recovers', async () => {
    const verifier = verifierOf('remote');
    server.fail(500);
    await expect(verifyBearer(verifier, server.bearer())).rejects.toMatchObject({ status: 503 });
    server.fail();
    clock.advance(3);
    await expect(verifyBearer(verifier, server.bearer())).resolves.toMatchObject({
      subject: 'u_1',
    });
  });

  it('refuses unknown options by name', async () => {
    await expect(startKeySetServer({ port: 1 } as never)).rejects.toThrow(/no option 'port'/);
    expect(() => server.rotate({ withdrawn: true } as never)).toThrow(/withdrawn/);
  });
});
