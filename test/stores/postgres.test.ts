// The store contract on Postgres through pg.

import { describeContract } from '../support/postgres-contract.js';

describeContract('pg');
