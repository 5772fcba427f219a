import { describeOverlap } from '../../spec-support/overlap-suite.ts';
import { mariadb, postgres } from '../../spec-support/servers.ts';

describeOverlap(postgres);
describeOverlap(mariadb);
