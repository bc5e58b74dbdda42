import { bearer, tokenEndpoints } from '@tokenpair/koa';
import Koa from 'koa';

import { tellStory, tokens } from './story.mjs';

const app = new Koa();
const auth = bearer(tokens.verifier);
const endpoints = tokenEndpoints(tokens, { mount: '/auth' });
app.use(endpoints);
app.use((ctx, next) => (ctx.path === '/login' ? endpoints.login(ctx, { subject: 'u_1' }) : next()));
app.use(auth);
app.use((ctx) => {
  ctx.body = { id: auth.of(ctx).subject };
});
await tellStory(app.callback());
