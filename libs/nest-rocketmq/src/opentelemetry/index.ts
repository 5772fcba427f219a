export { instrumentRocketMQ } from './instrument-rocketmq.ts';
export type { InstrumentationOptions } from './message-spans.ts';
export { RocketMQOpenTelemetryModule } from './open-telemetry.module.ts';
