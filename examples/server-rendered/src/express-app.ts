// The server of the example on Express: pages and forms, and no script.

import { pages } from '@tokenpair/express';
import express, { type Express, type Request } from 'express';

import { addressPage, adminPage, confirmPage, homePage, ordersPage, signInPage } from './html.js';
import { createShop, fieldOf, isPasswordOf, userOf, visitorOf } from './shop.js';
import { createTokens, type Settings } from './tokens.js';

export function createExpressApp(settings: Settings): Express {
  const tokens = createTokens(settings);
  const auth = pages(tokens, { signIn: '/login', reauthenticate: '/confirm' });
  const shop = createShop();
  const form = express.urlencoded({ extended: false });

  const app = express();
  app.disable('x-powered-by');
  // Static files come before this line: caches may keep them.
  app.use(auth);

  app.get('/', (req, res) => {
    const token = auth.of(req);
    res.send(homePage(token && visitorOf(token)));
  });

  app.get('/login', (req, res) => {
    res.send(signInPage(auth.returnPath(req)));
  });
  app.post('/login', form, async (req, res) => {
    const user = await userOf(req.body);
    if (!user) {
      res.status(401).send(signInPage(auth.returnPath(req), true));
      return;
    }
    const persistent = fieldOf(req.body, 'remember') !== '';
    await auth.signIn(req, res, { subject: user.id, persistent });
  });
  app.post('/logout', (req, res) => auth.signOut(req, res));

  app.get('/orders', auth.page, (req, res) => {
    const token = tokenOf(req);
    res.send(ordersPage(visitorOf(token), shop.ordersOf(token.subject)));
  });
  // The form may have been open for an hour: its session is refreshed here, and nothing that was filled in is lost.
  app.post('/orders', auth.page, form, (req, res) => {
    shop.order(tokenOf(req).subject, fieldOf(req.body, 'article'));
    res.redirect(303, '/orders');
  });

  app.get('/admin', auth.page.claim('role', 'admin'), (req, res) => {
    res.send(adminPage(visitorOf(tokenOf(req))));
  });

  // The password must have been proved within ten minutes.
  app.get('/address', auth.page.fresh('10m'), (req, res) => {
    const token = tokenOf(req);
    res.send(addressPage(visitorOf(token), shop.addressOf(token.subject)));
  });
  app.post('/address', auth.page.fresh('10m'), form, (req, res) => {
    shop.move(tokenOf(req).subject, fieldOf(req.body, 'address'));
    res.redirect(303, '/address');
  });
  app.get('/confirm', auth.page, (req, res) => {
    res.send(confirmPage(visitorOf(tokenOf(req)), auth.returnPath(req)));
  });
  app.post('/confirm', auth.page, form, async (req, res) => {
    const token = tokenOf(req);
    if (await isPasswordOf(token, req.body)) await auth.reauthenticated(req, res);
    else res.status(401).send(confirmPage(visitorOf(token), auth.returnPath(req), true));
  });
  return app;

  /** The token behind `auth.page`, which lets no request without one pass. */
  function tokenOf(req: Request) {
    return auth.of(req)!;
  }
}
