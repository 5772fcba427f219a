import { Module } from '@nestjs/common';
import { ConfigurableModuleClass } from './consumer-log.module-definition.ts';

/**
 * Idempotent consumption and a transactional outbox: `@ConsumeOnce()`, `Outbox`, and for operators `ConsumerLogRepository`
 * and `OutboxRepository`. It needs a `RocketMQModule` and a TypeORM data source. `forRoot(options)`, or
 * `forRootAsync({ imports, inject, useFactory | useClass | useExisting })`.
 *
 * It is global; with `isGlobal: false` each module that imports one has a log of its own.
 */
@Module({})
export class ConsumerLogModule extends ConfigurableModuleClass {}
