// Finds out for the developer why a value is no refresh token of this issuer.

import { looksLikeOurs } from './refresh-token.js';

const jwt = /(?<![\w-])e[wy][\w-]+\.e[wy][\w-]+\.[\w-]*/;
const emptyVariable = /^(?:undefined|null|nan|none|true|false|\[object \w+\]|\$?\{.*\}|<\w+>)$/i;

/** The probable mistake and its cure, without the value; `undefined` when nothing looks like one. */
export function hintAtValue(value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return `The refresh token must be text; a value of type ${typeof value} was given. Pass the member refresh_token of the body.`;
  }
  return hintAtText(value.slice(0, 8_192));
}

function hintAtText(text: string): string | undefined {
  if (emptyVariable.test(text)) {
    return 'The refresh token is a word like undefined or null: a variable of the client was empty.';
  }
  if (/^bearer\b/i.test(text)) return 'The refresh token has a scheme before it. Send it alone.';
  if (/^[\s"'`]|[\s"'`]$/.test(text)) {
    return 'The refresh token has spaces or quotation marks around it. Send it as the answer of the login has it.';
  }
  if (jwt.test(text)) {
    return 'A JWT was sent as refresh token: an access token, or a token of another system. Send the refresh_token of the last answer.';
  }
  return looksLikeOurs(text)
    ? 'The refresh token was cut or altered, or other refreshKeys have sealed it. Every process needs the same refreshKeys, also after a restart.'
    : undefined;
}
