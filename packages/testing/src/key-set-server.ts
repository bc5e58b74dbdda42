// A key-set server for tests of an application that verifies the tokens of another issuer: its keys, its metadata, its outages.

import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Clock } from '@tokenpair/core';
import { checkOptions } from '@tokenpair/core/store';

import type { ClaimChanges } from './token-builder.js';

/** Options of {@link startKeySetServer}: the default claims of its tokens. */
export interface KeySetServerOptions {
  /** Written as `aud`. @defaultValue `'https://api.test'` */
  readonly audience?: string | readonly string[] | undefined;
  /** Written as `sub`. @defaultValue `'u_1'` */
  readonly subject?: string | undefined;
  /** Lifetime of a token in seconds. @defaultValue 300 (5 minutes) */
  readonly lifetime?: number | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** An issuer on a free port of this machine, with a key set and metadata. */
export interface KeySetServer {
  /** Its name and URL, for `discoveredKeySet(issuer)` and the option `issuer`: `http://127.0.0.1:…`. */
  readonly issuer: string;
  /** The URL of the key set, for `remoteKeySet(url)`. */
  readonly url: string;
  readonly audience: string | readonly string[];
  /** Number of requests for the key set so far. */
  readonly requests: number;
  /** `Bearer` and a token that the current key signs (ES256, `typ` `at+jwt`). */
  bearer(claims?: ClaimChanges): string;
  /** Signs with a new key from now on. The former keys stay in the set, unless `withdraw` is true. */
  rotate(options?: { readonly withdraw?: boolean | undefined }): void;
  /** Answers every request with this status from now on: an outage. Without a status, it answers as usual again. */
  fail(status?: number): void;
  close(): Promise<void>;
}

interface Key {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: object;
}

/**
 * Starts a key-set server. Close it after the test.
 *
 * @throws TypeError an option is unknown.
 *
 * @example
 * const server = await startKeySetServer();
 * const { issuer, audience } = server;
 * const verifier = createTokenVerifier({ issuer, audience, keys: remoteKeySet(server.url) });
 * await verifyBearer(verifier, server.bearer({ sub: 'u_2' }));
 */
export async function startKeySetServer(options: KeySetServerOptions = {}): Promise<KeySetServer> {
  const names = ['audience', 'subject', 'lifetime', 'clock'];
  const checked = checkOptions('startKeySetServer', options, names);
  const { audience = 'https://api.test', subject = 'u_1', lifetime = 300 } = checked;
  const { clock = Date.now } = checked;
  let keys: readonly Key[] = [createKey()];
  let failure: number | undefined;
  let requests = 0;

  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has an address with a port
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${issuer}/jwks`;

  function answer({ url: path }: IncomingMessage, response: ServerResponse): void {
    if (path === '/jwks') requests += 1;
    const documents: Record<string, object> = {
      '/jwks': { keys: keys.map(({ jwk }) => jwk) },
      '/.well-known/openid-configuration': { issuer, jwks_uri: url },
      '/.well-known/oauth-authorization-server': { issuer, jwks_uri: url },
    };
    const document = documents[path ?? ''];
    const status = failure ?? (document === undefined ? 404 : 200);
    response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
    response.end(JSON.stringify(status === 200 ? document : {}));
  }

  return {
    issuer,
    url,
    audience,
    get requests() {
      return requests;
    },
    bearer(changes = {}) {
      const now = Math.floor(clock() / 1_000);
      const claims = {
        iss: issuer,
        sub: subject,
        aud: audience,
        iat: now,
        exp: now + lifetime,
        jti: randomUUID(),
        // Any claim is allowed, so this only checks that it is an object.
        ...checkOptions('claims', changes, Object.keys(changes)),
      };
      return `Bearer ${signWith(keys[0], claims)}`;
    },
    rotate(change = {}) {
      const { withdraw = false } = checkOptions('rotate', change, ['withdraw']);
      keys = [createKey(), ...(withdraw ? [] : keys)];
    },
    fail(status) {
      failure = status;
    },
    async close() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

function createKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomUUID();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
  return { kid, privateKey, jwk };
}

function signWith(key: Key | undefined, claims: object): string {
  if (key === undefined) throw new Error('the server has no key');
  const input = [{ alg: 'ES256', typ: 'at+jwt', kid: key.kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const options = { key: key.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${input}.${sign('sha256', Buffer.from(input), options).toString('base64url')}`;
}
