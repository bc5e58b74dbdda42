import { bearer, tokenEndpoints } from '@tokenpair/express';
import express from 'express';

import { tellStory, tokens } from './story.mjs';

const app = express();
const auth = bearer(tokens.verifier);
const endpoints = tokenEndpoints(tokens);
app.use(express.json());
app.use('/auth', endpoints);
app.post('/login', (req, res) => void endpoints.login(req, res, { subject: 'u_1' }));
app.get('/me', auth, (req, res) => {
  res.json({ id: auth.of(req).subject });
});
await tellStory(app);
