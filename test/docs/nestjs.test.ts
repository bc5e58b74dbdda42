// Runs the code of docs/nestjs.md in a NestJS application, and sends it requests.

import 'reflect-metadata';

import { Module, type INestApplication, type Type } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { tokenEndpoints } from '@tokenpair/express';
import supertest from 'supertest';

import { createTestIssuer } from '../support/issuer.js';
import { makeApi, type Api } from '../support/recipe-api.js';
import { runRecipe } from '../support/recipe.js';

describe('the guard for NestJS', () => {
  let api: Api;
  let app: INestApplication;

  beforeAll(async () => {
    api = makeApi();
    const { AppModule } = await runRecipe<{ AppModule: Type }>('nestjs.md', {
      modules: api.modules,
      exported: ['AppModule'],
    });
    app = await NestFactory.create(AppModule, { logger: false });
    app.use('/auth', tokenEndpoints(createTestIssuer().tokens));
    await app.listen(0, '127.0.0.1');
  });

  afterAll(() => app.close());

  const get = (path: string, authorization?: string) => {
    const request = supertest(app.getHttpServer()).get(path);
    return authorization === undefined ? request : request.set('Authorization', authorization);
  };

  it('hands the verified token to the handler', async () => {
    const { status, body } = await get('/me', api.bearer({ sub: 'u_7' }));
    expect([status, body]).toEqual([200, { id: 'u_7' }]);
  });

  it('opens a public route, also for a request with a bad token', async () => {
    const answers = [await get('/health'), await get('/health', api.expired())];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('closes every other route, with the challenge', async () => {
    const { headers, body } = await get('/me').expect(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="api"');
    expect(body).toMatchObject({ code: 'token_missing', action: 'login' });
  });

  it('tells the client of an expired token to refresh', async () => {
    const { headers, body } = await get('/me', api.expired()).expect(401);
    expect(headers['content-type']).toMatch('application/problem+json');
    expect(body).toMatchObject({ code: 'token_expired', action: 'refresh' });
  });

  it('asks for the scopes of the route', async () => {
    await get('/orders', api.bearer({ scope: 'orders:read' })).expect(200, []);
    const { headers, body } = await get('/orders', api.bearer()).expect(403);
    expect(headers['www-authenticate']).toMatch('scope="orders:read"');
    expect(body).toMatchObject({ code: 'scope_insufficient' });
  });

  it('lets the endpoints of an issuer do their own checks', async () => {
    const { status, body } = await supertest(app.getHttpServer())
      .post('/auth/refresh')
      .send({ refresh_token: 'forged' });
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'refresh_token_invalid' });
  });

  it('leaves other errors to Nest', async () => {
    const { body } = await get('/absent', api.bearer()).expect(404);
    expect(body).toMatchObject({ statusCode: 404 });
  });
});

describe('a NestJS application without the filter', () => {
  it('still answers with the status of the error', async () => {
    const api = makeApi();
    const { AccessTokenGuard, OrdersController } = await runRecipe<Record<string, Type>>(
      'nestjs.md',
      { modules: api.modules, exported: ['AccessTokenGuard', 'OrdersController'] },
    );
    // oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is a class
    class PlainModule {}
    Module({
      controllers: [OrdersController as Type],
      providers: [{ provide: APP_GUARD, useClass: AccessTokenGuard as Type }],
    })(PlainModule);
    const app = await NestFactory.create(PlainModule, { logger: false });
    await app.init();
    const { status, headers } = await supertest(app.getHttpServer()).get('/me');
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBeUndefined();
    await app.close();
  });
});
