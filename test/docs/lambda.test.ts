// Runs the code of docs/lambda.md with events as API Gateway sends them.

import type {
  APIGatewayAuthorizerResult,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
} from 'aws-lambda';

import { makeApi } from '../support/recipe-api.js';
import { runRecipe } from '../support/recipe.js';

interface Program {
  readonly handler: (event: object) => Promise<APIGatewayProxyResult>;
  readonly authorizeHttp: (event: object) => Promise<unknown>;
  readonly authorizeRest: (event: object) => Promise<APIGatewayAuthorizerResult>;
}

const api = makeApi();
const before = process.env['PUBLIC_KEY'];
let program: Program;

beforeAll(async () => {
  process.env['PUBLIC_KEY'] = api.publicKey;
  program = await runRecipe<Program>('lambda.md', {
    exported: ['handler', 'authorizeHttp', 'authorizeRest'],
  });
});

afterAll(() => {
  if (before === undefined) delete process.env['PUBLIC_KEY'];
  else process.env['PUBLIC_KEY'] = before;
});

type RestEvent = Pick<APIGatewayProxyEvent, 'httpMethod' | 'path'> & {
  readonly headers: Record<string, string> | null;
  readonly multiValueHeaders: Record<string, string[]> | null;
};
type HttpEvent = Pick<APIGatewayProxyEventV2, 'version' | 'rawPath' | 'headers'>;

const restEvent = (...lines: string[]): RestEvent => ({
  httpMethod: 'GET',
  path: '/me',
  headers: lines.length === 0 ? null : { Authorization: lines.at(-1) as string },
  multiValueHeaders: lines.length === 0 ? null : { Authorization: lines },
});
const httpEvent = (authorization?: string): HttpEvent => ({
  version: '2.0',
  rawPath: '/me',
  headers: authorization === undefined ? {} : { authorization },
});

const good = () => api.bearer({ sub: 'u_7', scope: 'orders:read' });

describe.each([
  ['a REST API', restEvent],
  ['an HTTP API', httpEvent],
])('a function behind %s', (_kind, eventOf) => {
  it('runs with the verified token', async () => {
    await expect(program.handler(eventOf(good()))).resolves.toEqual({
      statusCode: 200,
      body: '{"id":"u_7"}',
    });
  });

  it.each([
    ['no token', () => eventOf(), 401, 'token_missing', 'login'],
    ['an expired token', () => eventOf(api.expired()), 401, 'token_expired', 'refresh'],
    ['a token without the scope', () => eventOf(api.bearer()), 403, 'scope_insufficient', 'fix'],
  ])('answers %s as a server would', async (_what, event, status, code, action) => {
    const { statusCode, headers, body } = await program.handler(event());
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({
      'Content-Type': 'application/problem+json',
      'WWW-Authenticate': expect.stringMatching(/^Bearer realm="api"/),
    });
    expect(JSON.parse(body)).toMatchObject({ status, code, action });
  });
});

describe('a function behind a REST API', () => {
  it('refuses two Authorization lines, of which the event shows the last', async () => {
    const { statusCode } = await program.handler(restEvent(api.expired(), good()));
    expect(statusCode).toBe(400);
  });
});

const authorizeHttp = (authorization?: string) => {
  const event: Partial<APIGatewayRequestAuthorizerEventV2> = {
    version: '2.0',
    type: 'REQUEST',
    ...(authorization !== undefined && { headers: { authorization } }),
  };
  return program.authorizeHttp({ headers: {}, ...event });
};

describe('the authorizer of an HTTP API', () => {
  it('hands subject and scope to the integration', async () => {
    await expect(authorizeHttp(good())).resolves.toEqual({
      isAuthorized: true,
      context: { subject: 'u_7', scope: 'orders:read' },
    });
  });

  it.each([undefined, 'Bearer abc', 'Basic abc'])('refuses %s', async (authorization) => {
    await expect(authorizeHttp(authorization)).resolves.toEqual({ isAuthorized: false });
  });
});

describe('the authorizer of a REST API', () => {
  const methodArn = 'arn:aws:execute-api:eu-central-1:123456789012:abc/prod/GET/me';
  const authorize = (authorization: string) => {
    const event: Partial<APIGatewayRequestAuthorizerEvent> = {
      type: 'REQUEST',
      methodArn,
      headers: { Authorization: authorization },
    };
    return program.authorizeRest(event);
  };

  it('allows the method that was called', async () => {
    await expect(authorize(good())).resolves.toMatchObject({
      principalId: 'u_7',
      policyDocument: { Statement: [{ Effect: 'Allow', Resource: methodArn }] },
    });
  });

  it('fails with the text that API Gateway answers with 401', async () => {
    await expect(authorize(api.expired())).rejects.toThrow(/^Unauthorized$/);
  });
});
