import Koa2 from 'koa2';
import Koa3 from 'koa3';

import { describeAdapter } from './adapter-contract.js';
import { createKoaApp, routerRouting } from './koa-app.js';

describeAdapter('Koa 2 with @koa/router and koa-mount', (parts) =>
  createKoaApp(Koa2 as unknown as typeof Koa3, routerRouting, parts),
);
describeAdapter('Koa 3 with @koa/router and koa-mount', (parts) =>
  createKoaApp(Koa3, routerRouting, parts),
);
