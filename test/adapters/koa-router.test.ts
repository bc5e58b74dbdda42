import Koa3 from 'koa3';

import { describeAdapter } from './adapter-contract.js';
import { createKoaApp, routerRouting } from './koa-app.js';

// How it is mounted does not depend on the version of Koa, so one version is enough.
describeAdapter('Koa 3 with @koa/router and koa-mount', (parts) =>
  createKoaApp(Koa3, routerRouting, parts),
);
