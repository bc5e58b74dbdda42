// The store takes a pool and a client of pg.
import { Client, Pool } from 'pg';

import { issuerOver } from './typed.mjs';

export const issuers = [issuerOver(new Pool()), issuerOver(new Client())];
