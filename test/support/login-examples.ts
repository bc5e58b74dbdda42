// The login examples on Express and on Koa, which must behave in the same way.

import type { RequestListener } from 'node:http';

import * as express from '../../examples/express-login/src/app.js';
import * as koa from '../../examples/koa-login/src/app.js';
import { toListener } from './koa-listener.js';

export interface LoginExample {
  readonly name: string;
  createApp(settings: express.Settings): RequestListener;
}

export const loginExamples: readonly LoginExample[] = [
  {
    name: 'express-login',
    createApp: (settings) => express.createApp(settings) as RequestListener,
  },
  { name: 'koa-login', createApp: (settings) => toListener(koa.createApp(settings)) },
];
