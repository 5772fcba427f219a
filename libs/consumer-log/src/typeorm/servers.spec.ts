import { mariadb, postgres } from '../../spec-support/servers.ts';
import { describeStores } from '../../spec-support/store-suite.ts';

describeStores(postgres);
describeStores(mariadb);
