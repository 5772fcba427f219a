export { RocketMQHealthIndicator, type ReadinessOptions } from './rocketmq-health-indicator.ts';
