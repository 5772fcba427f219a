import { RocketMQTemplate } from './template/rocketmq-template.ts';

/** The name of a connection that was not given one. */
export const DEFAULT_CONNECTION = 'default';

/**
 * The injection token of a connection's template: the class itself for the unnamed connection, so that a plain
 * constructor parameter of type `RocketMQTemplate` is enough; a text for a named one.
 */
export function getRocketMQTemplateToken(
  name: string = DEFAULT_CONNECTION,
): string | typeof RocketMQTemplate {
  return name === DEFAULT_CONNECTION ? RocketMQTemplate : `RocketMQTemplate(${name})`;
}

/**
 * The injection token of a connection's options, as given to `forRoot` or returned by the factory of `forRootAsync`.
 * Tests override it to run an application on another cluster.
 */
export function getRocketMQOptionsToken(name: string = DEFAULT_CONNECTION): string {
  return `RocketMQModuleOptions(${name})`;
}

/** The injection token of a connection itself; the starter's own. */
export function getConnectionToken(name: string): string {
  return `RocketMQConnection(${name})`;
}
