// The story of a session, as data: the server prints it as lines for a shell, a test lives it.

/** A request. In `form` and `bearer`, `$NAME` is what an earlier step keeps under that name. */
export interface RequestStep {
  readonly says: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly bearer?: string;
  readonly json?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  /** Name of a variable to the member of the answer that it keeps. */
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
  /** Seconds, or the variable that holds them. */
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
    says: 'Alan may read orders: the access token has the scope.',
    method: 'GET',
    path: '/orders',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 200 },
  },
  {
    says: 'He is no admin: 403.',
    method: 'GET',
    path: '/admin',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 403, code: 'claim_refused', action: 'fix' },
  },
  { says: 'Wait until the access token is over.', waits: '$EXPIRES_IN' },
  {
    says: 'The API says what is wrong and what to do: token_expired, refresh.',
    method: 'GET',
    path: '/me',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 401, code: 'token_expired', action: 'refresh' },
  },
  {
    says: 'Refresh: send both tokens, get the next pair.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$FIRST_REFRESH_TOKEN', access_token: '$ACCESS_TOKEN' },
    keeps: { ACCESS_TOKEN: 'access_token', SECOND_REFRESH_TOKEN: 'refresh_token' },
    expects: { status: 200 },
  },
  {
    says: 'The new access token works.',
    method: 'GET',
    path: '/me',
    bearer: '$ACCESS_TOKEN',
    expects: { status: 200 },
  },
  {
    says: 'Refresh again at once: a new access token, and the refresh token stays the same.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$SECOND_REFRESH_TOKEN' },
    keeps: { ACCESS_TOKEN: 'access_token', SAME_REFRESH_TOKEN: 'refresh_token' },
    expects: { status: 200 },
  },
  {
    says: 'A session rotates at most once in twice the reuse interval: 2 seconds here, 60 by default. Wait.',
    waits: '3',
  },
  {
    says: 'Refresh once more.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$SAME_REFRESH_TOKEN' },
    keeps: { ACCESS_TOKEN: 'access_token', THIRD_REFRESH_TOKEN: 'refresh_token' },
    expects: { status: 200 },
  },
  {
    says: 'A thief has copied the first refresh token and tries it: refused.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$FIRST_REFRESH_TOKEN' },
    expects: { status: 401, code: 'refresh_token_invalid', action: 'login' },
  },
  {
    says: 'That has ended the session. Even the newest refresh token is refused now.',
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
    says: 'Logged out is logged out.',
    method: 'POST',
    path: '/auth/refresh',
    form: { refresh_token: '$REFRESH_TOKEN' },
    expects: { status: 401, code: 'refresh_token_invalid', action: 'login' },
  },
];
