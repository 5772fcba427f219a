import { Module } from '@nestjs/common';
import { RocketMQCoreModule } from './rocketmq-core.module.ts';
import { ConfigurableModuleClass } from './rocketmq.module-definition.ts';

/**
 * Apache RocketMQ in a Nest application: a {@link RocketMQTemplate} to send with, and the classes and methods that
 * carry `@RocketMQMessageListener` as consumers. Import it by `forRoot(options)` or `forRootAsync({ useFactory })`; once
 * more with a `name` for each further cluster.
 */
@Module({ imports: [RocketMQCoreModule] })
export class RocketMQModule extends ConfigurableModuleClass {}
