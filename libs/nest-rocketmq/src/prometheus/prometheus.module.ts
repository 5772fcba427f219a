import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { register, Registry } from 'prom-client';
import { RocketMQRegistry } from '../lifecycle/rocketmq-registry.ts';
import { ListenerMetrics } from './listener-metrics.ts';
import { DEFAULT_BUCKETS, MessageMetrics } from './message-metrics.ts';

/** Where metrics go, and which. */
export interface PrometheusOptions {
  /** Default: prom-client's own. */
  registry?: Registry;
  /** What all names begin with. Default `rocketmq_`. */
  prefix?: string;
  /** Of the histograms of durations, in seconds. Default 1 ms to 30 s. */
  buckets?: readonly number[];
  /** Whether brokers are asked, with each scrape, how far the groups are behind. Default true. */
  lag?: boolean;
}

/** The metrics of an application, until it stops. */
class RocketMQMetrics implements OnApplicationShutdown {
  readonly #messages: MessageMetrics;
  readonly #registry: Registry;
  readonly #names: readonly string[];

  constructor(listeners: RocketMQRegistry, options: PrometheusOptions) {
    const { registry = register, prefix = 'rocketmq_', buckets = DEFAULT_BUCKETS, lag = true } = options;
    const before = new Set(namesOf(registry));
    this.#registry = registry;
    this.#messages = new MessageMetrics(registry, prefix, buckets);
    new ListenerMetrics(listeners, registry, prefix, lag);
    this.#names = namesOf(registry).filter((name) => !before.has(name));
  }

  onApplicationShutdown(): void {
    this.#messages.stop();
    for (const name of this.#names) this.#registry.removeSingleMetric(name);
  }
}

/**
 * Prometheus metrics of what is sent and consumed in this process, by prom-client: import it once, and serve
 * `registry.metrics()` as ever.
 *
 * ```ts
 * imports: [RocketMQModule.forRoot({ ... }), RocketMQPrometheusModule.forRoot()]
 * ```
 */
@Module({})
export class RocketMQPrometheusModule {
  /** The module, for the `imports` of the application. */
  static forRoot(options: PrometheusOptions = {}): DynamicModule {
    return {
      module: RocketMQPrometheusModule,
      providers: [
        {
          provide: RocketMQMetrics,
          inject: [RocketMQRegistry],
          useFactory: (listeners: RocketMQRegistry) => new RocketMQMetrics(listeners, options),
        },
      ],
    };
  }
}

function namesOf(registry: Registry): string[] {
  return registry.getMetricsAsArray().map(({ name }) => name);
}
