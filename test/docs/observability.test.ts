// Runs docs/observability.md with prom-client and with the SDK of OpenTelemetry.

import { subscribe, unsubscribe, type ChannelListener } from 'node:diagnostics_channel';

import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import {
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  revokeSession,
} from '@tokenpair/core';
import { breakable } from '@tokenpair/testing';
import { register } from 'prom-client';

import { createTestIssuer } from '../support/issuer.js';
import { codeOf } from '../support/outcome.js';
import { runRecipe } from '../support/recipe.js';

let subscribed: [string, ChannelListener][];

beforeEach(() => {
  subscribed = [];
  jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  for (const [name, listener] of subscribed) unsubscribe(name, listener);
  jest.restoreAllMocks();
});

const run = (under: string) =>
  runRecipe('observability.md', {
    under,
    modules: {
      'node:diagnostics_channel': {
        subscribe: (name: string, listener: ChannelListener) => {
          subscribed.push([name, listener]);
          subscribe(name, listener);
        },
      },
    },
    exported: [],
  });

function createIssuer() {
  const sessions = breakable(new MemorySessionStore());
  const { tokens } = createTestIssuer({ store: sessions.store, deadline: 0.1 });
  return { sessions, tokens };
}

test('prom-client counts sessions, refusals and failures, and no label names a user', async () => {
  await run('Count with prom-client');
  const { sessions, tokens } = createIssuer();
  const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_secret' });
  await refreshTokenPair(tokens, refreshToken);
  await revokeSession(tokens, { refreshToken });
  expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
  sessions.break('down');
  expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('temporarily_unavailable');
  const text = await register.metrics();
  for (const labels of [
    'type="session.issued",detail=""',
    'type="session.refreshed",detail="rotated"',
    'type="session.revoked",detail="logout"',
    'type="refresh.refused",detail="ended"',
    'type="store.unavailable",detail="swap"',
  ]) {
    expect(text).toContain(`tokenpair_events_total{${labels}} 1\n`);
  }
  expect(text).not.toMatch(new RegExp(`u_secret|${sessionId}`));
  expect(console.error).toHaveBeenCalledWith('store.unavailable', 'swap', expect.any(Error));
});

test('OpenTelemetry has the events of each request in its own span, and a failure as its status', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  await run('Add events to traces with OpenTelemetry');
  const { sessions, tokens } = createIssuer();
  const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_secret' });
  const traced = (name: string, token: string) =>
    trace.getTracer('test').startActiveSpan(name, async (span) => {
      await refreshTokenPair(tokens, token).catch(() => undefined);
      span.end();
    });
  await Promise.all([traced('good', refreshToken), traced('bad', 'garbage')]);
  sessions.break('down');
  await traced('down', refreshToken);
  const spans = new Map(exporter.getFinishedSpans().map((span) => [span.name, span]));
  expect(spans.get('good')?.events).toMatchObject([
    {
      name: 'tokenpair.session.refreshed',
      attributes: { 'tokenpair.how': 'rotated', 'tokenpair.sessionId': sessionId },
    },
  ]);
  expect(spans.get('bad')?.events).toMatchObject([
    { name: 'tokenpair.refresh.refused', attributes: { 'tokenpair.reason': 'garbled' } },
  ]);
  expect(spans.get('bad')?.status.code).toBe(0);
  expect(spans.get('down')?.events.map(({ name }) => name)).toEqual([
    'tokenpair.store.unavailable',
    'exception',
  ]);
  expect(spans.get('down')?.status).toEqual({ code: 2, message: 'store.unavailable' });
  expect(JSON.stringify([...spans.values()].map(({ events }) => events))).not.toContain('u_secret');
});
