// Runs the code of docs/graphql.md, and sends it queries.

import type { RequestListener } from 'node:http';

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import supertest from 'supertest';

import { makeApi } from '../support/recipe-api.js';
import { runRecipe } from '../support/recipe.js';

describe('the GraphQL endpoint', () => {
  const api = makeApi();
  let app: RequestListener;

  beforeAll(async () => {
    ({ app } = await runRecipe<{ app: RequestListener }>('graphql.md', {
      modules: api.modules,
      exported: ['app'],
    }));
  });

  const ask = (query: string, authorization?: string) => {
    const request = supertest(app).post('/graphql').send({ query });
    return authorization === undefined ? request : request.set('Authorization', authorization);
  };

  it('gives the resolvers the user', async () => {
    const { body } = await ask('{ me orders }', api.bearer({ sub: 'u_7', scope: 'orders:read' }));
    expect(body).toEqual({ data: { me: 'u_7', orders: ['o_1'] } });
  });

  it('answers as the page shows when a scope is missing', async () => {
    const { status, body } = await ask('{ version orders }', api.bearer());
    const page = await readFile(join(__dirname, '../../docs/graphql.md'), 'utf8');
    const [, shown = ''] = /^```json\n(.*?)^```$/ms.exec(page) ?? [];
    expect(status).toBe(200);
    expect(body).toMatchObject(JSON.parse(shown));
  });

  it('answers public fields without a token, and says what the others need', async () => {
    const { body } = await ask('{ version me }');
    expect(body).toMatchObject({
      data: { version: '1.0.0', me: null },
      errors: [{ path: ['me'], extensions: { code: 'token_missing', action: 'login' } }],
    });
  });

  it('runs no query with an expired token', async () => {
    const { status, body } = await ask('{ version }', api.expired());
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'token_expired', action: 'refresh' });
  });

  it('leaves other errors as they are', async () => {
    const { body } = await ask('{ absent }', api.bearer());
    expect(body.errors[0].message).toMatch('Cannot query field');
  });
});
