import { Controller, Get, Header, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { register } from 'prom-client';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { RocketMQPrometheusModule } from 'nest-rocketmq/prometheus';
import { RocketMQHealthIndicator } from 'nest-rocketmq/terminus';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

const taken: unknown[] = [];

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'health-stock', topic: 'health-sample' })
class StockListener {
  onMessage(@Payload() order: unknown): void {
    taken.push(order);
  }
}

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly rocketmq: RocketMQHealthIndicator,
  ) {}

  /** Up while a NameServer of each connection answers, no listener was stopped, and no group lags too far. */
  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.rocketmq.isReady('rocketmq', { maxLag: 10_000 })]);
  }

  /** Asks nobody: an application whose cluster is away need not be restarted. */
  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([() => this.rocketmq.isAlive('rocketmq')]);
  }
}

@Controller('metrics')
class MetricsController {
  @Get()
  @Header('content-type', register.contentType)
  metrics(): Promise<string> {
    return register.metrics();
  }
}

@Module({
  imports: [
    RocketMQModule.forRoot({ ...cluster, producer: { group: 'health-sample' } }),
    RocketMQPrometheusModule.forRoot(),
    TerminusModule,
  ],
  controllers: [HealthController, MetricsController],
  providers: [StockListener, RocketMQHealthIndicator],
})
class AppModule {}

/** Readiness and liveness by Terminus, metrics by prom-client. */
export async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  await app.get(RocketMQTemplate).send('health-sample', { id: 'A' });
  await until(() => taken.length > 0);

  for (const path of ['health/ready', 'health/live']) {
    const response = await fetch(`${url}/${path}`);
    const { status } = (await response.json()) as { status: string };
    console.log(`GET /${path}: ${response.status} ${status}`);
  }
  const metrics = await (await fetch(`${url}/metrics`)).text();
  for (const line of metrics.split('\n')) {
    if (/^rocketmq_messages_\w+_total\{/.test(line)) console.log(line);
  }
  await app.close();
}
