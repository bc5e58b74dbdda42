// Emits a process warning for a failure that no listener hears: one per cause, so that an outage does not fill the log.

import { types } from 'node:util';

import { attempt } from '../lib/attempt.js';
import { withoutSecrets } from '../lib/without-secrets.js';
import type {
  RefreshRefusedEvent,
  RequestRefusedEvent,
  Untimed,
  VerificationRefusedEvent,
} from './events.js';

/** Emits the warning for an event that reports a failure, unless its cause was reported before. Never throws. */
export function warnIfFailure(event: Untimed): void {
  const failure = failureOf(event);
  if (failure !== undefined) warnOnce(failure);
}

/** A failure that only the developer can repair. */
interface UnheardFailure {
  /** The code of the warning. */
  readonly code: string;
  /** What failed, as the start of a sentence: `The hook claims failed`. */
  readonly what: string;
  /** What was thrown. Only its name, its code and its message are read. */
  readonly cause?: unknown;
  /** What to do. */
  readonly advice?: string | undefined;
}

/** What is wrong in the application or around it; `undefined` for an event of an ordinary day. */
function failureOf(event: Untimed): UnheardFailure | undefined {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the other events report no failure
  switch (event.type) {
    case 'hook.failed':
      return {
        code: 'TOKENPAIR_HOOK_FAILED',
        what: `The application's function for the option ${event.hook} failed, was too slow or returned a value that is not allowed`,
        cause: event.cause,
      };
    case 'store.unavailable':
      return {
        code: 'TOKENPAIR_STORE_UNAVAILABLE',
        what: `The session store failed or was too slow in ${event.operation}()`,
        cause: event.cause,
      };
    case 'keys.unavailable':
      return {
        code: 'TOKENPAIR_KEYS_UNAVAILABLE',
        what: `The key set ${event.source} could not be loaded`,
        cause: event.cause,
      };
    case 'revocations.behind':
      return {
        code: 'TOKENPAIR_REVOCATIONS_BEHIND',
        what: `The revocation log of ${event.issuer} has not been heard for longer than maxAge`,
        cause: event.cause,
      };
    case 'revocations.unavailable':
      return {
        code: 'TOKENPAIR_REVOCATIONS_UNAVAILABLE',
        what: `The revocation log of ${event.issuer} took no entry`,
        cause: event.cause,
      };
    case 'revocations.gap':
      return {
        code: 'TOKENPAIR_REVOCATIONS_GAP',
        what: `The revocation list of ${event.issuer} has a gap (${event.kind})`,
        advice: 'docs/revocation.md says what each kind means.',
      };
    case 'refresh.forged_with_valid_tag':
      return {
        code: 'TOKENPAIR_REFRESH_KEY_LEAKED',
        what: 'A refresh token with a valid tag came that was never issued: the refresh key has leaked',
        advice:
          'Put a new key in front of refreshKeys and remove the present one; no user is signed out.',
      };
    case 'session.rolled_back':
      return {
        code: 'TOKENPAIR_STORE_LOST_WRITES',
        what: 'The session store has lost writes that it had confirmed',
        advice:
          'Check its replication and persistence; docs/redis.md says what a failover can lose.',
      };
    case 'verification.refused':
    case 'request.refused':
    case 'refresh.refused':
      return isMistakeOfDeveloper(event) ? refusalFailure(event) : undefined;
    default:
      return undefined;
  }
}

type AnyRefusal = Untimed<VerificationRefusedEvent | RequestRefusedEvent | RefreshRefusedEvent>;

// In production, clients of strangers cause refusals: they would fill the log.
function isMistakeOfDeveloper(event: AnyRefusal): boolean {
  // The environment decides about this warning only, never about behaviour.
  if (process.env['NODE_ENV'] === 'production') return false;
  if (event.hint !== undefined || event.origin !== undefined) return true;
  if (event.code === 'origin_refused' || event.code === 'token_pair_mismatch') return true;
  return event.code === 'token_invalid' || event.code === 'token_key_unknown';
}

function refusalFailure(event: AnyRefusal): UnheardFailure {
  const check = ('check' in event && event.check) || undefined;
  const failed = check === undefined ? '' : ` (check: ${check})`;
  const origin = event.origin === undefined ? '' : ` (origin: ${withoutSecrets(event.origin)})`;
  return {
    code: 'TOKENPAIR_REQUEST_REFUSED',
    what: `A request was refused with ${event.code}${failed}${origin}`,
    advice: `${event.hint ?? adviceOn[check ?? event.code] ?? 'Give onEvent to hear every refusal.'} It is not reported in production.`,
  };
}

const adviceOn: Readonly<Record<string, string>> = {
  shape:
    'What was sent is no JWT: three segments of base64url. It may be a refresh token, or another kind of access token.',
  iss: 'Compare the option issuer of the verifier with the claim iss of the tokens, character by character: a slash at the end counts.',
  aud: 'Compare the option audience of the verifier with the claim aud of the tokens. They must be equal as text.',
  key: 'The verifier has no key with the kid of the token. Give it the public key of the issuer, or the key set of the same environment.',
  algorithm:
    'The keys of the verifier are for another algorithm than the token names. Compare alg in the header of the token.',
  signature:
    'The key with the kid of the token is another one than the key that signed it. Compare the keys of both servers.',
  type: 'The header of the token has another typ than at+jwt. It may be an ID token; for an issuer that writes another typ, set the option type.',
  claim: 'A claim differs from the option requiredClaims.',
  cnf: 'The token is bound to a key (DPoP or mutual TLS), so it is not accepted as a bearer token. Request tokens without that binding.',
  origin_refused:
    'Name the origin of the page in allowedOrigins. A program that sends neither Origin nor Sec-Fetch-Site must send an X-Requested-With header.',
  token_pair_mismatch:
    'The access token sent along is not of the session of the refresh token. Send both of one login, or no access token.',
};

/**
 * Causes of each code that are remembered. The limit keeps a flood of different messages out of the log and of the memory, and leaves
 * room for the other codes.
 */
const maxCauses = 100;
const reported = new Map<string, Set<string>>();

function warnOnce({ code, what, cause, advice }: UnheardFailure): void {
  const known = reported.get(code) ?? new Set<string>();
  reported.set(code, known);
  if (known.size > maxCauses) return;
  const reason = cause === undefined ? '' : `: ${describeCause(cause)}`;
  // Numbers differ between repetitions of one failure: ports, counts and times.
  const key = `${what}${reason}`.replace(/\d+/g, '0');
  if (known.has(key)) return;
  known.add(key);
  const message =
    known.size > maxCauses
      ? `${maxCauses} different failures with this code were reported; further ones are not.`
      : [`${what}${reason}.`, advice].filter(Boolean).join(' ');
  const detail = attempt(() => placeOf(cause));
  process.emitWarning(`${message} ${onlyOnce}`, {
    type: 'TokenpairWarning',
    code,
    ...(detail !== undefined && { detail }),
  });
}

const onlyOnce =
  'This is reported once per cause, because there is neither an onEvent listener nor a subscriber of the diagnostics channel tokenpair.';

// The value may be anything that was thrown, also an object whose members throw.
function describeCause(cause: unknown): string {
  return (
    attempt(() => {
      if (typeof cause === 'string') return clean(cause);
      if (!isError(cause)) return `a value of type ${typeof cause} was thrown`;
      const { name, message } = cause;
      const code: unknown = Reflect.get(cause, 'code');
      // Node's error for several addresses has a code and no message.
      const text = message === '' && typeof code === 'string' ? code : message;
      return clean(`${name}: ${text}`);
    }) ?? 'the error cannot be read'
  );
}

// An error of Node is no instance of the Error that a test in Jest sees.
function isError(cause: unknown): cause is Error {
  return cause instanceof Error || types.isNativeError(cause);
}

function clean(text: string): string {
  // Of a token that is cut, the rest would not be recognised.
  const start = text.length > 1_000 ? text.slice(0, 1_000).replace(/\S*$/, '') : text;
  return withoutSecrets(start)
    .slice(0, 300)
    .replace(/[.\s]+$/, '');
}

/** The first line of the stack, which names a function and a file. The message, which comes before it, may name anything. */
function placeOf(cause: unknown): string | undefined {
  if (!isError(cause) || typeof cause.stack !== 'string') return undefined;
  const header = `${cause.name}: ${cause.message}\n`;
  if (!cause.stack.startsWith(header)) return undefined;
  return cause.stack.slice(header.length).split('\n', 1)[0];
}
