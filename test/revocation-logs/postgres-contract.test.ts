// The contract of a revocation log on Postgres through pg.

import { describeLogContract } from '../support/postgres-log.js';

describeLogContract('pg');
