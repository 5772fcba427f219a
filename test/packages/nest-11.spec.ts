import { applicationSuite } from './application-suite.ts';

applicationSuite(11);
