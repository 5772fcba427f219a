import { Logger as NestLogger } from '@nestjs/common';
import type { Logger } from '@nest-rocketmq/runtime';
import { errorText } from '../error-text.ts';
import { DEFAULT_CONNECTION } from '../tokens.ts';

/** The log of a connection, written through Nest's logger in the context `RocketMQ`, or `RocketMQ(name)`. */
export function nestLogger(connection: string = DEFAULT_CONNECTION): Logger {
  const logger = new NestLogger(connection === DEFAULT_CONNECTION ? 'RocketMQ' : `RocketMQ(${connection})`);
  return {
    debug: (message) => logger.debug(message),
    info: (message) => logger.log(message),
    warn: (message, cause) => logger.warn(withCause(message, cause)),
    error: (message, cause) => {
      const stack = (cause as { stack?: unknown } | undefined)?.stack;
      if (typeof stack === 'string') logger.error(message, stack);
      else logger.error(withCause(message, cause));
    },
  };
}

function withCause(message: string, cause: unknown): string {
  if (cause === undefined) return message;
  return `${message}: ${errorText(cause)}`;
}
