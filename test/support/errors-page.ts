// Renders docs/errors.md from the table in core, so that the page cannot say anything else.

import type { AuthAction, AuthErrorCode } from '@tokenpair/core';

import { errorTable, type ErrorRow } from '../../packages/core/src/errors/error-table.js';

const when: Readonly<Record<AuthErrorCode, string>> = {
  token_missing: 'The request has no bearer credential; one of another scheme is none.',
  request_malformed:
    'The credential is not of the form `Bearer <token>`, comes twice or in two places, or a body or parameter cannot be read.',
  token_expired: 'The access token is genuine, and its time is over.',
  token_not_active: 'The access token is genuine, and its time has not begun.',
  token_invalid:
    'Any other check of the access token failed: shape, algorithm, signature, type, issuer, audience or another claim. Which one is in `error.check` and in the event. A header without `kid` is here too.',
  token_key_unknown:
    'The access token names a key (`kid`) that this server does not have, or no longer has. A change of keys is the usual reason.',
  session_revoked:
    'The session was ended: `isRevoked` says so, or a session endpoint found it gone.',
  scope_insufficient:
    'A guard asks for a scope that the access token lacks; the challenge names it.',
  claim_refused:
    'A guard asks for a claim that the access token lacks, or a check of your own said no.',
  refresh_token_missing: 'A refresh or a logout came without a refresh token.',
  refresh_token_invalid:
    'The refresh token is forged, unknown, over, revoked or was used before. The client is not told which.',
  refresh_pending:
    'The refresh token was spent a moment ago: after the reuse interval, and before the session may rotate again. Or the session rotated while a hook was slow. Nothing happened.',
  token_pair_mismatch:
    'The access token sent along does not belong to the session of the refresh token, or is required and was not sent. One whose key is not known counts as not sent.',
  scope_not_granted: 'A refresh asks for more scope than was granted at login.',
  access_denied: 'The `claims` hook denied the subject at login.',
  origin_refused:
    'A request with a token in a cookie came from a page that is neither of the own origin nor of one in `allowedOrigins`.',
  client_invalid:
    'The application did not recognise the client that asks at `/token` or `/revoke`.',
  grant_type_unsupported: 'A request to `/token` names another grant type than `refresh_token`.',
  token_type_unsupported:
    'A request to `/revoke` brings an access token: those end by themselves, in minutes.',
  method_not_allowed: 'The endpoint does not take this method; `Allow` names those that it takes.',
  request_timeout: 'The body of the request did not arrive in time.',
  request_too_large: 'The body of the request is larger than an endpoint reads.',
  media_type_unsupported: 'The body of the request is neither JSON nor a URL-encoded form.',
  token_too_large:
    'The `claims` hook answered more than fits into an access token of 8 192 characters. The event `hook.failed` says how long the token would be. Nothing was stored or spent; answer fewer or shorter claims.',
  temporarily_unavailable:
    'The store, a hook or the clock failed or was too slow. No token was refused; the same request may be sent again.',
  store_full: 'The session store has no room, and ends no live session to make some.',
  session_limit: 'The subject has `maxSessions` sessions, and `onSessionLimit` is `reject`.',
};

const asks: Readonly<Record<AuthAction, string>> = {
  refresh:
    'Send the refresh token to the refresh endpoint, then repeat the request once with the new access token. The user does not notice. If that request is answered with `refresh` again, do not refresh a second time: treat the answer as `login`.',
  login: 'Let the user sign in again. Drop the tokens that were refused.',
  retry:
    'Send the same request again, not before `Retry-After` has passed where the answer has it. Keep all tokens.',
  fix: 'Repeating does not help: the request, or what the account may do, has to change. Keep all tokens.',
};

export function renderErrorsPage(): string {
  const rows = Object.entries<ErrorRow>(errorTable).map(([code, row]) => [
    `\`${code}\``,
    statusOf(row),
    errorOf(row),
    `\`${row.action}\``,
    when[code as AuthErrorCode],
  ]);
  const actions = Object.entries(asks).map(([action, text]) => `- **\`${action}\`**: ${text}`);
  return `# Errors

<!-- Made from packages/core/src/errors/error-table.ts by \`UPDATE_DOCS=1 pnpm test docs-errors\`. Do not edit. -->

Every refusal has a \`code\`, which is stable and for programs to compare; an \`action\`, which says what a client does
next; and, but for one, an \`error\`: the coarse word that OAuth clients know (RFC 6750 §3.1, RFC 6749 §5.2). All three
are members of the JSON body, and properties of the typed error. A client that knows nothing but the four actions
behaves well.

${table(['code', 'status', 'error', 'action', 'when'], rows)}

Where two are given, the second is the answer to an OAuth form (\`grant_type=refresh_token\`).

## What each action asks of a client

${actions.join('\n')}
`;
}

function statusOf({ status, oauthStatus }: ErrorRow): string {
  return oauthStatus === undefined ? `${status}` : `${status}, ${oauthStatus}`;
}

function errorOf({ error, oauthError }: ErrorRow): string {
  return [error, oauthError]
    .filter((word) => word !== undefined)
    .map((word) => `\`${word}\``)
    .join(', ');
}

/** In columns, as the formatter of this repository leaves it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
