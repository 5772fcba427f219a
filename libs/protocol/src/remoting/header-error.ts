import { printable, RocketMQError } from '@nest-rocketmq/runtime';
import { ResponseCode } from '../codes/response-code.ts';

/**
 * A header field is missing, or its text isn't what the field's type asks for. Code `PROTOCOL`, response code 1
 * (SYSTEM_ERROR), which is what RocketMQ's own servers answer then.
 */
export class HeaderError extends RocketMQError {
  /** The key of the field on the wire. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super('PROTOCOL', `header field ${printable(field, 64)}: ${problem}`, {
      responseCode: ResponseCode.SYSTEM_ERROR,
    });
    this.field = field;
  }
}
