import { createKoaApp } from '../../examples/browser-cookie/src/koa-app.js';
import { describeBrowserCookie } from './browser-cookie.js';

describeBrowserCookie('Koa', (settings) => createKoaApp(settings).callback());
