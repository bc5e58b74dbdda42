import { createExpressApp } from '../../examples/browser-cookie/src/express-app.js';
import { describeBrowserCookie } from './browser-cookie.js';

describeBrowserCookie('Express', createExpressApp);
