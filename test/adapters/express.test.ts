import express4 from 'express4';
import express5 from 'express5';

import { describeAdapter } from './adapter-contract.js';
import { createExpressApp } from './express-app.js';

describeAdapter('Express 4', (parts) =>
  // Its types say less than those of Express 5; what we use of it is the same.
  createExpressApp(express4 as unknown as typeof express5, parts),
);
describeAdapter('Express 5', (parts) => createExpressApp(express5, parts));
