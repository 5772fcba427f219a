import { RocketMQError, printable } from '@nest-rocketmq/runtime';
import { ResponseCode } from '@nest-rocketmq/protocol';

/** How much of an expression an error quotes, from where it went wrong. */
const QUOTED = 40;

/**
 * The refusal of an SQL92 expression: `INVALID_ARGUMENT`, response code 23 (SUBSCRIPTION_PARSE_FAILED). `position` counts
 * UTF-16 units from 0; the message shows it as line and column from 1, with what stands there.
 */
export function sqlError(expression: string, position: number, what: string): RocketMQError {
  const before = expression.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  const rest = expression.slice(position, position + QUOTED);
  const near = rest === '' ? 'at its end' : `near "${printable(rest)}"`;
  return new RocketMQError(
    'INVALID_ARGUMENT',
    `SQL92 expression: ${what} (line ${line}, column ${column}, ${near})`,
    { responseCode: ResponseCode.SUBSCRIPTION_PARSE_FAILED },
  );
}
