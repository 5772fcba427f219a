import { describeOverlap } from '../../spec-support/overlap-suite.ts';
import { mariadb, postgres } from '../../spec-support/servers.ts';
import { describeStores } from '../../spec-support/store-suite.ts';

describeStores(postgres, describeOverlap);
describeStores(mariadb, describeOverlap);
