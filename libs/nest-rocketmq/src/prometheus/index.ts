export { RocketMQPrometheusModule, type PrometheusOptions } from './prometheus.module.ts';
