import { pglite } from '../../spec-support/databases.ts';
import { describeStores } from '../../spec-support/store-suite.ts';

describeStores(pglite);
