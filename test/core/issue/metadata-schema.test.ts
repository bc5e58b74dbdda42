// The option metadataSchema of an issuer: what the metadata of its sessions must be, and the types that it gives.

import type { IncomingMessage } from 'node:http';

import {
  createTokenIssuer,
  issueTokenPair,
  listSessions,
  MemorySessionStore,
  refreshTokenPair,
  updateSession,
  type StandardSchema,
  type TokenpairEvent,
} from '@tokenpair/core';
import { createTokenEndpoints } from '@tokenpair/core/adapter';
import { createTokenBuilder } from '@tokenpair/testing';
import type * as Arktype from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';

// It publishes ES modules only, which Jest cannot load.
const { createRequire } = process.getBuiltinModule('node:module');
const { type } = createRequire(__filename)('arktype') as typeof Arktype;

const [key] = createTokenBuilder().keys;
const refreshKeys = [
  { kid: '1', secret: 'a secret of a test that is long enough for it' },
] as const;
const base = { issuer: 'https://i.test', audience: 'a', keys: [key], refreshKeys } as const;
const subject = 'u_1';

interface Device {
  readonly device: string;
  readonly trusted?: boolean | undefined;
}

const schemas: readonly [string, StandardSchema<Device>][] = [
  ['zod', z.object({ device: z.string(), trusted: z.boolean().optional() })],
  ['valibot', v.object({ device: v.string(), trusted: v.optional(v.boolean()) })],
  ['arktype', type({ device: 'string', 'trusted?': 'boolean' })],
];

function createWorld(metadataSchema: StandardSchema<Device>, deadline = 5) {
  const events: TokenpairEvent[] = [];
  const seen: (string | undefined)[] = [];
  const tokens = createTokenIssuer({
    ...base,
    store: new MemorySessionStore(),
    deadline,
    metadataSchema,
    claims(_subject, session) {
      const device: string = session.metadata.device;
      seen.push(device);
      return {};
    },
    onEvent: (event) => events.push(event),
  });
  return { tokens, events, seen };
}

describe.each(schemas)(
  'the option metadataSchema of an issuer, as a schema of %s',
  (_name, schema) => {
    it('types the metadata in lists, updates and the claims hook', async () => {
      const { tokens, seen } = createWorld(schema);
      const { refreshToken } = await issueTokenPair(tokens, {
        subject,
        metadata: { device: 'tv' },
      });
      await refreshTokenPair(tokens, refreshToken);
      const [session] = await listSessions(tokens, subject);
      const device: string | undefined = session?.metadata.device;
      const updated = await updateSession(tokens, session?.sessionId as string, (was) => ({
        metadata: { device: was.metadata.device.toUpperCase(), trusted: true },
      }));
      const trusted: boolean | undefined = updated?.metadata.trusted;
      expect([device, updated?.metadata.device, trusted]).toEqual(['tv', 'TV', true]);
      expect(seen).toEqual(['tv', 'tv']);
    });

    it('stores the metadata itself, with members that the schema does not know', async () => {
      const { tokens } = createWorld(schema);
      const metadata = { device: 'tv', extra: 1 };
      await issueTokenPair(tokens, { subject, metadata });
      const [session] = await listSessions(tokens, subject);
      expect(session?.metadata).toEqual(metadata);
    });

    it.each<[unknown, RegExp]>([
      [{ device: 7_777 }, /metadata does not fit metadataSchema, at 'device'$/],
      [{ device: 'tv', trusted: 's3cret' }, /metadataSchema, at 'trusted'$/],
      [undefined, /metadataSchema, at 'device'$/],
    ])('refuses a login with the metadata %p, and stores nothing', async (metadata, message) => {
      const { tokens, seen } = createWorld(schema);
      const login = issueTokenPair(tokens, { subject, metadata: metadata as Device });
      await expect(login).rejects.toThrow(TypeError);
      await expect(login).rejects.toThrow(message);
      expect([await listSessions(tokens, subject), seen]).toEqual([[], []]);
    });

    it.each(['a change', 'a function'])(
      'refuses an update by %s that does not fit',
      async (which) => {
        const { tokens } = createWorld(schema);
        await issueTokenPair(tokens, { subject, metadata: { device: 'tv' } });
        const [session] = await listSessions(tokens, subject);
        const change = { metadata: { device: 7 } as unknown as Device };
        const by = which === 'a change' ? change : () => change;
        await expect(updateSession(tokens, session?.sessionId as string, by)).rejects.toThrow(
          /'device'$/,
        );
        expect(await listSessions(tokens, subject)).toMatchObject([{ metadata: { device: 'tv' } }]);
      },
    );

    it('does not concern an update that leaves the metadata as it is', async () => {
      const { tokens } = createWorld(schema);
      await issueTokenPair(tokens, { subject, metadata: { device: 'tv' } });
      const [session] = await listSessions(tokens, subject);
      const updated = await updateSession(tokens, session?.sessionId as string, { scope: 'a' });
      expect(updated).toMatchObject({ scope: 'a', metadata: { device: 'tv' } });
    });
  },
);

function schemaOf(validate: (value: unknown) => unknown): StandardSchema<Device> {
  return { '~standard': { version: 1, vendor: 'test', validate: validate as never } };
}

describe('a schema for metadata', () => {
  const metadata = { device: 'tv' };

  it.each<[string, StandardSchema<Device>]>([
    [
      'throws',
      schemaOf(() => {
        throw new Error('down');
      }),
    ],
    ['rejects', schemaOf(() => Promise.reject(new Error('down')))],
    ['answers nothing', schemaOf(() => undefined)],
    ['never answers', schemaOf(() => new Promise(() => {}))],
  ])('that %s makes the login fail with 503, and is heard', async (_what, schema) => {
    const { tokens, events } = createWorld(schema, 0.05);
    const login = issueTokenPair(tokens, { subject, metadata });
    await expect(login).rejects.toMatchObject({ code: 'temporarily_unavailable', status: 503 });
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'metadataSchema' }]);
    expect(await listSessions(tokens, subject)).toEqual([]);
  });

  it('may be async', async () => {
    const { tokens } = createWorld(
      z.object({ device: z.string().refine(async (name) => name !== 'x') }),
    );
    await issueTokenPair(tokens, { subject, metadata });
    await expect(issueTokenPair(tokens, { subject, metadata: { device: 'x' } })).rejects.toThrow(
      /'device'$/,
    );
  });

  it('cannot change what is stored', async () => {
    const { tokens } = createWorld(
      schemaOf((value) => {
        Object.assign(value as object, { device: 'changed' });
        return { value };
      }),
    );
    await issueTokenPair(tokens, { subject, metadata });
    expect(await listSessions(tokens, subject)).toMatchObject([{ metadata }]);
  });

  it('must be a Standard Schema', () => {
    expect(() => createWorld({} as never)).toThrow('metadataSchema must be a Standard Schema');
  });

  it('is asked about the grant of a legacy token too, and a misfit is heard', async () => {
    const { tokens, events } = createWorld(schemas[0]?.[1] as StandardSchema<Device>);
    let granted: object = { device: 7 };
    const { handle } = createTokenEndpoints(tokens, {
      legacy: {
        exchange: () => ({ subject, metadata: granted as Record<string, unknown> }),
        until: '2100-01-01',
      },
    });
    const exchange = () =>
      handle({
        request: { headers: {}, method: 'POST' } as IncomingMessage,
        path: '/refresh',
        body: { refresh_token: 'a token of the former system' },
      });
    await expect(exchange()).rejects.toMatchObject({ status: 503 });
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'legacy.exchange' }]);
    granted = metadata;
    await exchange();
    expect(await listSessions(tokens, subject)).toMatchObject([{ metadata }]);
  });
});
