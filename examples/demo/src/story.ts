// The story of a session, as data: the server prints it as shell commands, and a test sends its requests.

/** A request. In `form` and `bearer`, `$NAME` is the value that an earlier step keeps under that name. */
export interface RequestStep {
  readonly says: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly bearer?: string;
  readonly json?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  /** Members of the answer to keep, by the name of the variable. */
  readonly keeps?: Readonly<Record<string, string>>;
  readonly expects: {
    readonly status: number;
    readonly code?: string;
    readonly action?: string;
  };
}

/** A pause. */
export interface WaitStep {
  readonly says: string;
  /** Seconds, or a variable with the seconds. */
  readonly waits: string;
}

export type Step = RequestStep | WaitStep;

export const story: readonly Step[] = [
  {
    says: 'Sign in as alan. The answer is a token pair.',
    method: 'POST',
    path: '/login',
    json: { username: 'alan', password: 'turing' },
    keeps: {
      ACCESS_TOKEN: 'access_token',
      FIRST_REFRESH_TOKEN: 'refresh_token',
      EXPIRES_IN: 'expires_in',
    },
    expects: { status: 200 },
  },
  {
    says: 'Call the API with the access token.',
    method: 'GET',
    path: '/me',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 200 },
  },
  {
    says: 'Read the orders. The access token has the scope orders:read.',
    method: 'GET',
    path: '/orders',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 200 },
  },
  {
    says: 'Ask for the admin page. Alan is not an admin, so the API answers 403.',
    method: 'GET',
    path: '/admin',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 403, code: 'claim_refused', action: 'fix' },
  },
  { says: 'Wait until the access token has expired.', waits: '$EXPIRES_IN' },
  {
    says: 'Call the API again. The answer has the code token_expired and the action refresh.',
    method: 'GET',
    path: '/me',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 401, code: 'token_expired', action: 'refresh' },
  },
  {
    says: 'Refresh: send both tokens. The answer is the next pair.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$FIRST_REFRESH_TOKEN', access_token: '$ACCESS_TOKEN' },
    keeps: { ACCESS_TOKEN: 'access_token', SECOND_REFRESH_TOKEN: 'refresh_token' },
    expects: { status: 200 },
  },
  {
    says: 'Call the API with the new access token.',
    method: 'GET',
    path: '/me',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 200 },
  },
  {
    says: 'Refresh again at once. The access token is new. The refresh token stays the same, because an answer with it may still be under way to another tab.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$SECOND_REFRESH_TOKEN' },
    keeps: { ACCESS_TOKEN: 'access_token', SAME_REFRESH_TOKEN: 'refresh_token' },
    expects: { status: 200 },
  },
  {
    says: 'Wait. A session rotates at most once in twice the reuse interval: 2 seconds here, 60 by default.',
    waits: '3',
  },
  {
    says: 'Refresh once more. Now the refresh token is new.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$SAME_REFRESH_TOKEN' },
    keeps: { ACCESS_TOKEN: 'access_token', THIRD_REFRESH_TOKEN: 'refresh_token' },
    expects: { status: 200 },
  },
  {
    says: 'A thief uses a copy of the first refresh token. The server refuses it and ends the session.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$FIRST_REFRESH_TOKEN' },
    expects: { status: 401, code: 'refresh_token_invalid', action: 'login' },
  },
  {
    says: 'Use the newest refresh token. It is refused, because the session has ended.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$THIRD_REFRESH_TOKEN' },
    expects: { status: 401, code: 'refresh_token_invalid', action: 'login' },
  },
  {
    says: 'Sign in again.',
    method: 'POST',
    path: '/login',
    json: { username: 'alan', password: 'turing' },
    keeps: { ACCESS_TOKEN: 'access_token', REFRESH_TOKEN: 'refresh_token' },
    expects: { status: 200 },
  },
  {
    says: 'Log out.',
    method: 'POST',
    path: '/auth/logout',
    form: { refresh_token: '$REFRESH_TOKEN' },
    expects: { status: 204 },
  },
  {
    says: 'Use the refresh token after the logout. It is refused.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$REFRESH_TOKEN' },
    expects: { status: 401, code: 'refresh_token_invalid', action: 'login' },
  },
];
