export { instrumentRocketMQ, type InstrumentationOptions } from './instrument-rocketmq.ts';
export { RocketMQOpenTelemetryModule } from './open-telemetry.module.ts';
