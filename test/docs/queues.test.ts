// Runs the code of docs/queues.md with BullMQ and a Redis: requests add jobs, workers do or refuse them.

import type { RequestListener } from 'node:http';

import { Queue, QueueEvents, type Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import jwt from 'jsonwebtoken';
import supertest from 'supertest';

import { generateKeyPair } from '../support/key-pair.js';
import { makeApi } from '../support/recipe-api.js';
import { runRecipe } from '../support/recipe.js';
import { redisUrl } from '../support/stores.js';

interface Program {
  readonly app: RequestListener;
  readonly connection: Redis;
  readonly exportQueue: Queue;
  readonly signedQueue: Queue;
  readonly exportWorker: Worker;
  readonly signedWorker: Worker;
  readonly foreignWorker: Worker;
}

const tokenOf = (bearer: string) => ({ accessToken: bearer.slice(7), year: 2026 });

describe('a job for a user', () => {
  const api = makeApi();
  const { privateKey, publicKey } = generateKeyPair('ec', { namedCurve: 'P-256' });
  const pem = {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  };
  let program: Program;
  let foreignQueue: Queue;
  let listeners: Map<Queue, QueueEvents>;
  let allowed: boolean;
  let outages: number;

  beforeAll(async () => {
    program = await runRecipe<Program>('queues.md', {
      modules: api.modules,
      given: {
        redisUrl: redisUrl(),
        jobKeys: pem,
        mayExport: async () => allowed,
        exportOrders: async (subject: string, year: number) => `${subject} ${year}`,
        isSessionRevoked: async () => {
          outages -= 1;
          if (outages >= 0) throw new Error('down');
          return false;
        },
      },
      exported: [
        'app',
        'connection',
        'exportQueue',
        'signedQueue',
        'exportWorker',
        'signedWorker',
        'foreignWorker',
      ],
    });
    const { connection, exportQueue, signedQueue } = program;
    foreignQueue = new Queue('foreign', { connection });
    listeners = new Map(
      [exportQueue, signedQueue, foreignQueue].map((queue) => [
        queue,
        new QueueEvents(queue.name, { connection }),
      ]),
    );
    for (const listener of listeners.values()) await listener.waitUntilReady();
  });

  afterAll(async () => {
    const { connection, exportWorker, signedWorker, foreignWorker } = program;
    for (const worker of [exportWorker, signedWorker, foreignWorker]) await worker.close();
    for (const [queue, listener] of listeners) {
      await listener.close();
      await queue.obliterate({ force: true });
      await queue.close();
    }
    await connection.quit();
  });

  beforeEach(() => {
    allowed = true;
    outages = 0;
  });

  const request = (path: string) =>
    supertest(program.app)
      .post(path)
      .set('Authorization', api.bearer({ sub: 'u_7', scope: 'orders:read' }))
      .send({ year: 2026 })
      .expect(202);

  const resultOf = async (queue: Queue, id: string) => {
    const job = await queue.getJob(id);
    return (await job?.waitUntilFinished(listeners.get(queue) as QueueEvents)) as unknown;
  };

  const add = async (queue: Queue, data: unknown, attempts = 3) => {
    const job = await queue.add('export', data, { attempts });
    const result = await resultOf(queue, String(job.id)).catch((error: unknown) => error);
    return { result, attempts: (await queue.getJob(String(job.id)))?.attemptsMade };
  };

  it('is done for the user who asked, without a token in the queue', async () => {
    const { body } = await request('/exports');
    await expect(resultOf(program.exportQueue, body.id)).resolves.toBe('u_7 2026');
    const job = await program.exportQueue.getJob(body.id);
    expect(job?.data).toEqual({ subject: 'u_7', year: 2026 });
  });

  it('is refused when the user has lost the right', async () => {
    allowed = false;
    const { body } = await request('/exports');
    await expect(resultOf(program.exportQueue, body.id)).rejects.toThrow('refused');
  });

  it('is done when the API has signed it', async () => {
    const { body } = await request('/signed-exports');
    await expect(resultOf(program.signedQueue, body.id)).resolves.toBe('u_7 2026');
  });

  const sign = (claims: object, typ = 'job+jwt') =>
    jwt.sign(
      {
        iss: 'https://api.example.com',
        aud: 'https://api.example.com/jobs',
        sub: 'u_1',
        job: 'export',
        year: 2026,
        ...claims,
      },
      privateKey,
      { algorithm: 'ES256', expiresIn: '7d', header: { alg: 'ES256', kid: 'jobs-1', typ } },
    );

  it.each([
    ['an access token', () => api.bearer().slice(7), 'token_invalid'],
    ['a JWT of another type', () => sign({}, 'at+jwt'), 'token_invalid'],
    ['a job for another audience', () => sign({ aud: 'another' }), 'token_invalid'],
    ['a signed job of another name', () => sign({ job: 'delete' }), 'another job'],
  ])('is refused at the first attempt when it is %s', async (_what, data, message) => {
    const { result, attempts } = await add(program.signedQueue, data());
    expect(result).toMatchObject({ message });
    expect(attempts).toBe(1);
  });

  it('is done with a token that is valid on arrival', async () => {
    const { result } = await add(foreignQueue, tokenOf(api.bearer()));
    expect(result).toBe('u_1 2026');
  });

  it('ends at the first attempt when its token has expired', async () => {
    const { result, attempts } = await add(foreignQueue, tokenOf(api.expired()));
    expect(result).toMatchObject({ message: 'token_expired' });
    expect(attempts).toBe(1);
  });

  it('is tried again when its token could not be checked', async () => {
    outages = 1;
    const { result, attempts } = await add(foreignQueue, tokenOf(api.bearer()));
    expect(result).toBe('u_1 2026');
    expect(attempts).toBe(2);
  });
});
