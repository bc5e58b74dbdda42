// Renders docs/errors.md from the error table of core, so that page and table always agree.

import type { AuthAction } from '@tokenpair/core';

import { errorTable, type ErrorRow } from '../../packages/core/src/errors/error-table.js';

export const actions: Readonly<Record<AuthAction, string>> = {
  refresh:
    'Send the refresh token to the refresh endpoint, then repeat the request once with the new access token. Do not ask the user. If the repeated request is answered with `refresh` again, treat the answer as `login`.',
  login: 'Let the user sign in again. Discard the tokens that were refused.',
  retry:
    'Send the same request again. If the answer has `Retry-After` (`retry_after` in its body), wait that long first. Keep all tokens.',
  fix: 'Do not repeat the request: the request, or the rights of the account, must change first. Keep all tokens.',
  reauthenticate:
    'Let the user prove again who they are: with the password, or with what `acr_values` of the challenge names. Then repeat the request with the new access token. Keep the session and its tokens, also when the user declines.',
};

export function renderErrorsPage(): string {
  const rows = Object.entries<ErrorRow>(errorTable);
  const overview = rows.map(([code, row]) => [
    `[\`${code}\`](#${code})`,
    statusOf(row),
    errorOf(row),
    `\`${row.answer.action}\``,
  ]);
  return `# Errors

<!-- Made from packages/core/src/errors/error-table.ts by \`UPDATE_DOCS=1 pnpm test docs-errors\`. Do not edit. -->

Every error has a \`code\`, which is stable, so that programs can compare it, and an \`action\`, which says what a client does next.
Every error except \`token_missing\` also has an \`error\`, the less exact code of OAuth (RFC 6750 §3.1, RFC 6749 §5.2). All three are
members of the JSON body and properties of the typed error. A client needs to know only the five actions, and treats an action that
it does not know as \`fix\`.

![Every code by the action that it asks for: refresh, login, retry, fix or reauthenticate](images/error-actions.svg)

${table(['code', 'status', 'error', 'action'], overview)}

If a row has two statuses or errors, the second is that of the OAuth endpoints \`/token\` and \`/revoke\`.

## What each action asks of a client

${Object.entries(actions)
  .map(([action, text]) => `- **\`${action}\`**: ${text}`)
  .join('\n')}

## Each code

${rows.map(([code, row]) => sectionOf(code, row)).join('\n\n')}
`;
}

function sectionOf(code: string, { answer: { action }, when, todo }: ErrorRow): string {
  return `### \`${code}\`\n\n**When.** ${when}\n\n**What to do** (\`${action}\`)**.** ${todo}`;
}

function statusOf({ answer: { status }, oauthStatus }: ErrorRow): string {
  return oauthStatus === undefined ? `${status}` : `${status}, ${oauthStatus}`;
}

function errorOf({ answer: { error }, oauthError }: ErrorRow): string {
  return [error, oauthError]
    .filter((name) => name !== undefined)
    .map((name) => `\`${name}\``)
    .join(', ');
}

/** A Markdown table with the column widths of this repository's formatter. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
