// The options of an issuer for issuing: their names, and how they are checked.

import { toProtectionSpace } from '../errors/challenge.js';
import { nowOrSystem, systemClock } from '../hooks/clock.js';
import { createEmit } from '../hooks/events.js';
import { defaultDeadline } from '../hooks/hooks.js';
import { createAccessTokenReader } from '../jwt/access-token.js';
import { importSigningKeys } from '../keys/keys.js';
import { createReplaceableKeys } from '../keys/key-source.js';
import { markAs } from '../lib/brand.js';
import { toSeconds } from '../lib/duration.js';
import {
  refuseOption,
  requireAudience,
  requireBoolean,
  requireCount,
  requireFunction,
  requireOneOf,
  requireText,
} from '../lib/options.js';
import { requireStore } from './ask-store.js';
import { createRefreshKeyRing, importRefreshKeys } from './refresh-keys.js';
import { toSessionOwnership } from './session-owner.js';
import type { IssuingContext, IssuingOptions } from './token-issuer.js';
import { requireRoomForGrants } from './token-size.js';

export const issuingOptionNames: readonly string[] = [
  'issuer',
  'audience',
  'keys',
  'refreshKeys',
  'store',
  'claims',
  'accessTokenLifetime',
  'idleLifetime',
  'absoluteLifetime',
  'reuseInterval',
  'recovery',
  'actorLifetime',
  'clientId',
  'requireAccessToken',
  'maxSessions',
  'onSessionLimit',
  'realm',
  'resourceMetadata',
  'deadline',
  'onEvent',
  'clock',
];

/** Checks the options of issuing and imports its keys. */
export function buildIssuingContext(options: IssuingOptions): IssuingContext {
  const {
    issuer,
    audience,
    keys,
    refreshKeys,
    store,
    claims,
    accessTokenLifetime = '5m',
    idleLifetime = '30d',
    absoluteLifetime = '90d',
    reuseInterval = 30,
    recovery,
    actorLifetime = '1h',
    requireAccessToken = false,
    maxSessions = 100,
    onSessionLimit = 'evict-oldest',
    deadline = defaultDeadline,
    onEvent,
    clock = systemClock,
  } = options;
  requireStore(store);
  requireFunction('claims', claims);
  requireBoolean('requireAccessToken', requireAccessToken);
  requireCount('maxSessions', maxSessions, 10_000);
  requireOneOf('onSessionLimit', onSessionLimit, ['evict-oldest', 'reject']);
  requireFunction('onEvent', onEvent);
  requireFunction('clock', clock);
  const now = nowOrSystem(clock);
  const names = {
    issuer: requireText('issuer', issuer),
    audience: requireAudience(audience),
    clientId: requireText('clientId', options.clientId ?? issuer),
  };
  const ring = createReplaceableKeys(importSigningKeys(keys, now));
  requireRoomForGrants(names, ring.current);
  const times = {
    idleLifetime: toSeconds('idleLifetime', idleLifetime) * 1_000,
    absoluteLifetime: toSeconds('absoluteLifetime', absoluteLifetime) * 1_000,
    reuseInterval: toSeconds('reuseInterval', reuseInterval, { min: 0, max: 300 }) * 1_000,
    actorLifetime: toSeconds('actorLifetime', actorLifetime) * 1_000,
  };
  requireRoomToRotate(times);
  return markAs('createTokenIssuer', {
    ...names,
    ...times,
    recovery: readRecovery(recovery, times.reuseInterval),
    ...toSessionOwnership(names.issuer, names.audience),
    keys: ring,
    reader: createAccessTokenReader(ring),
    refreshKeys: createRefreshKeyRing(
      importRefreshKeys(refreshKeys, names.issuer, now),
      Math.min(times.idleLifetime, times.absoluteLifetime),
    ),
    store,
    claims,
    accessTokenLifetime: toSeconds('accessTokenLifetime', accessTokenLifetime),
    requireAccessToken,
    limit: { max: maxSessions, onLimit: onSessionLimit },
    space: toProtectionSpace(options),
    hooks: {
      emit: createEmit(onEvent),
      deadline: toSeconds('deadline', deadline, { max: 3_600 }) * 1_000,
    },
    clock,
  });
}

// A session rotates at most once in twice the reuse interval, and only a rotation starts the idle lifetime again.
function requireRoomToRotate({
  idleLifetime,
  reuseInterval,
}: Pick<IssuingContext, 'idleLifetime' | 'reuseInterval'>): void {
  const least = 4 * reuseInterval;
  if (idleLifetime < least) {
    refuseOption(
      'idleLifetime',
      `at least four times reuseInterval, ${least / 1_000} seconds: a session rotates at most once in twice that interval`,
      idleLifetime / 1_000,
    );
  }
}

// With a reuse interval of 0 every second use of a refresh token ends its session, also the second use after a lost answer.
function readRecovery(recovery: unknown, reuseInterval: number): number {
  const given = recovery ?? (reuseInterval === 0 ? 0 : '24h');
  const seconds = toSeconds('recovery', given, { min: 0, max: 7 * 86_400 });
  if (reuseInterval === 0 && seconds > 0) {
    refuseOption('recovery', '0 when reuseInterval is 0, or reuseInterval above 0', recovery);
  }
  return seconds * 1_000;
}
