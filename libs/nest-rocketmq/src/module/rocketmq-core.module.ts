import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DeadLetterService } from '../dead-letters/dead-letter-service.ts';
import { Coordinator } from '../lifecycle/coordinator.ts';
import { RocketMQRegistry } from '../lifecycle/rocketmq-registry.ts';
import { HandlerFactory } from '../listener/handler-factory.ts';
import { ListenerExplorer } from '../listener/listener-explorer.ts';
import { TransactionExplorer } from '../transaction/transaction-explorer.ts';
import { ClientFactory } from './client-factory.ts';
import { Connections } from './connections.ts';

/** What an application has once, however many connections it has. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    ClientFactory,
    Connections,
    ListenerExplorer,
    TransactionExplorer,
    HandlerFactory,
    RocketMQRegistry,
    DeadLetterService,
    Coordinator,
  ],
  exports: [Connections, DeadLetterService, RocketMQRegistry],
})
export class RocketMQCoreModule {}
