export { EmbeddedDatabase, type EmbeddedDatabaseOptions } from './embedded-database.ts';
