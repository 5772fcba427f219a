import type { DynamicModule } from '@nestjs/common';
import { ConsumerLogModule, RocketMQTransport } from '@nest-rocketmq/consumer-log';
import { RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { RocketMQPrometheusModule } from 'nest-rocketmq/prometheus';
import { metrics } from '../operations/metrics.ts';
import type { ServiceName } from '../settings/service-name.ts';
import type { ShopSettings } from '../settings/settings.ts';
import { FailingTransport } from './failing-transport.ts';

/** One of the metrics of RocketMQ: they are the process's, so the first service in it has them for all. */
const A_METRIC = 'rocketmq_messages_sent_total';

/** RocketMQ, the consumer log and the outbox of one service. The log's tables are in the service's own schema. */
export class MessagingModule {
  /** @throws Error when the settings have no NameServer: whoever runs the shop gives it one */
  static of(settings: ShopSettings, service: ServiceName): DynamicModule[] {
    const { nameServer, takeoverTimeout } = settings;
    if (nameServer === undefined) throw new Error('The settings have no NameServer');
    return [
      RocketMQModule.forRoot({
        nameServer,
        producer: { group: service },
        // A group that is new begins with what is there: an order may be cancelled before its services first ran.
        consumer: { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' },
      }),
      ConsumerLogModule.forRootAsync({
        inject: [RocketMQTemplate],
        useFactory: (template: RocketMQTemplate) => {
          const rocketmq = new RocketMQTransport(() => template.producer);
          const transport = settings.failureSwitches ? new FailingTransport(rocketmq) : rocketmq;
          return {
            group: service,
            consumer: { processingTimeout: takeoverTimeout },
            outbox: { transport, lease: takeoverTimeout },
          };
        },
      }),
      ...(metrics.getSingleMetric(A_METRIC) ? [] : [RocketMQPrometheusModule.forRoot({ registry: metrics })]),
    ];
  }
}
