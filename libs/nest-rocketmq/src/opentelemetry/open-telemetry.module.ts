import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { instrumentRocketMQ } from './instrument-rocketmq.ts';
import type { InstrumentationOptions } from './message-spans.ts';

/** Ends the instrumentation with the application: after its last message, when everything else has stopped. */
class Instrumentation implements OnApplicationShutdown {
  readonly #end: () => void;

  constructor(options: InstrumentationOptions) {
    this.#end = instrumentRocketMQ(options);
  }

  onApplicationShutdown(): void {
    this.#end();
  }
}

/**
 * OpenTelemetry spans for sends and handlers, as long as the application runs: import it once.
 *
 * ```ts
 * imports: [RocketMQModule.forRoot({ ... }), RocketMQOpenTelemetryModule.forRoot()]
 * ```
 */
@Module({})
export class RocketMQOpenTelemetryModule {
  /** The module, for the `imports` of the application. */
  static forRoot(options: InstrumentationOptions = {}): DynamicModule {
    return {
      module: RocketMQOpenTelemetryModule,
      providers: [{ provide: Instrumentation, useFactory: () => new Instrumentation(options) }],
    };
  }
}
