// Runs the recipes of docs/redirect-login.md: logins that come back as a navigation or as a form of another site.

import type { RequestListener } from 'node:http';

import { verifyBearer, type TokenIssuer } from '@tokenpair/core';
import supertest, { type Response } from 'supertest';

import { runRecipe } from '../support/recipe.js';

const fromAnotherSite = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
const fromOwnPage = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'navigate' };

interface Assertion {
  readonly userId: string;
  readonly inResponseTo: string;
}

/** The cookie of a name in an answer, as a browser sends it back. */
function cookieIn(answer: Response, name: string): string {
  const line = answer.get('Set-Cookie')?.find((text) => text.startsWith(`${name}=`)) ?? '';
  return line.split(';')[0] ?? '';
}

/** Whether the browser is sent to the page that says so, and gets no refresh token. */
const isFailure = (answer: Response): boolean =>
  answer.status === 303 &&
  answer.headers['location'] === '/?login=failed' &&
  cookieIn(answer, '__Host-refresh_token') === '';

describe('sign in through a redirect', () => {
  let program: { app: RequestListener; tokens: TokenIssuer };
  let assertion: Assertion | undefined;
  let links: Map<string, string>;
  let mails: string[];
  let now: number;

  beforeEach(async () => {
    now = Date.parse('2026-12-01T12:00:00Z');
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    jest.spyOn(console, 'info').mockImplementation();
    assertion = undefined;
    links = new Map();
    mails = [];
    program = await runRecipe('redirect-login.md', {
      given: {
        exchangeCode: async (code: string, verifier: string) =>
          code === 'good' && verifier.length === 43 ? 'u_1' : undefined,
        checkAssertion: async () => assertion,
        saveLink: async (linkHash: string) => links.set(linkHash, 'u_1'),
        takeLink: async (linkHash: string) => {
          const user = links.get(linkHash);
          links.delete(linkHash);
          return user;
        },
        sendMail: async (_email: string, text: string) => mails.push(text),
      },
      exported: ['app', 'tokens'],
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const open = (path: string, headers: Record<string, string> = fromAnotherSite) =>
    supertest(program.app).get(path).set(headers).redirects(0);

  /** The form of the provider: a browser sends no cookie of this host with it. */
  const postForm = async () =>
    supertest(program.app)
      .post('/saml/acs')
      .set({ ...fromAnotherSite, Origin: 'https://sso.example.net' })
      .type('form')
      .send({ SAMLResponse: 'x' })
      .redirects(0);

  /** The user for whom the page that the browser is sent to gets an access token. */
  async function userOf(answer: Response): Promise<string | undefined> {
    if (answer.status !== 303 || answer.text !== '') return undefined;
    const { body } = await supertest(program.app)
      .post(`${answer.headers['location']}auth/refresh`)
      .set({ Cookie: cookieIn(answer, '__Host-refresh_token'), 'Sec-Fetch-Site': 'same-origin' });
    const token = await verifyBearer(program.tokens.verifier, `Bearer ${body.access_token}`);
    return token.subject;
  }

  describe('by OAuth', () => {
    let state: string;
    let challenge: string;
    let cookie: string;

    beforeEach(async () => {
      const answer = await open('/sign-in', fromOwnPage);
      const url = new URL(answer.headers['location'] ?? '');
      state = url.searchParams.get('state') ?? '';
      challenge = url.searchParams.get('code_challenge') ?? '';
      cookie = cookieIn(answer, '__Host-sign-in');
    });

    const comeBack = (query: string, from = cookie) =>
      open(`/callback?${query}`, { ...fromAnotherSite, Cookie: from });

    it('the cookie comes with the redirect, and the remembered state is removed', async () => {
      const answer = await comeBack(`code=good&state=${state}`);
      expect(await userOf(answer)).toBe('u_1');
      expect(answer.get('Set-Cookie')?.join()).toContain('__Host-sign-in=; ');
      expect(challenge).toMatch(/^[\w-]{43}$/);
    });

    it('an answer that another browser began is refused', async () => {
      expect(isFailure(await comeBack(`code=good&state=${state}`, ''))).toBe(true);
      expect(isFailure(await comeBack('code=good&state=other'))).toBe(true);
      expect(isFailure(await comeBack('code=good', '__Host-sign-in=undefined'))).toBe(true);
      expect(isFailure(await comeBack('code=good'))).toBe(true);
    });

    it('a refusal of the provider is one', async () => {
      expect(isFailure(await comeBack(`error=access_denied&state=${state}`))).toBe(true);
      expect(isFailure(await comeBack(`code=bad&state=${state}`))).toBe(true);
    });
  });

  describe('by SAML', () => {
    let cookie: string;

    beforeEach(async () => {
      const begun = await open('/saml', fromOwnPage);
      cookie = cookieIn(begun, '__Host-sign-in');
      assertion = { userId: 'u_1', inResponseTo: cookie.split('=')[1] ?? '' };
    });

    it('a form of the provider signs in, in two steps', async () => {
      const finish = (await postForm()).headers['location'] ?? '';
      expect(await userOf(await open(finish, { ...fromAnotherSite, Cookie: cookie }))).toBe('u_1');
      expect(isFailure(await open(finish, { ...fromAnotherSite, Cookie: cookie }))).toBe(true);
    });

    it('an assertion is refused in another browser, after a minute, and when it is bad', async () => {
      const elsewhere = (await postForm()).headers['location'] ?? '';
      expect(isFailure(await open(elsewhere))).toBe(true);
      const late = (await postForm()).headers['location'] ?? '';
      now += 60_000;
      expect(isFailure(await open(late, { ...fromAnotherSite, Cookie: cookie }))).toBe(true);
      expect(isFailure(await open('/saml/finish?code=unknown'))).toBe(true);
      assertion = undefined;
      expect(isFailure(await postForm())).toBe(true);
    });
  });

  describe('by a link in a mail', () => {
    let path: string;
    let token: string;

    beforeEach(async () => {
      await supertest(program.app).post('/link').send({ email: 'ada@example.com' }).expect(204);
      const url = new URL(mails[0] ?? '');
      path = `${url.pathname}${url.search}`;
      token = url.searchParams.get('token') ?? '';
    });

    const press = (headers: Record<string, string> = fromOwnPage, action = '/link/use') =>
      supertest(program.app).post(action).set(headers).type('form').send({ token }).redirects(0);

    it('a scanner that opens the link does not use it up', async () => {
      const scanned = await open(path);
      expect([scanned.status, scanned.headers['referrer-policy']]).toEqual([200, 'same-origin']);
      expect(scanned.get('Set-Cookie')).toBeUndefined();
      expect(await userOf(await press())).toBe('u_1');
      expect(isFailure(await press())).toBe(true);
    });

    it('the button of a page of another site is refused', async () => {
      const answer = await press({ ...fromAnotherSite, Origin: 'https://evil.example' });
      expect([answer.status, answer.body.code]).toEqual([403, 'origin_refused']);
    });

    it('no text of the address is shown', async () => {
      expect(isFailure(await open('/link?token=%22%3E%3Cscript%3E'))).toBe(true);
    });

    it('a pair that was issued before is sent with a redirect too', async () => {
      expect(await userOf(await press(fromOwnPage, '/link/welcome'))).toBe('u_1');
    });
  });
});
