import { printable } from '@nest-rocketmq/runtime';
import { ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';

const LONGEST = 255;

/**
 * Refuses names that no broker has and that would only fill the tables.
 * @throws ResponseError SYSTEM_ERROR (1) naming the field
 */
export function checkName(field: string, value: string): void {
  if (value !== '' && value.length <= LONGEST && value === printable(value, LONGEST)) return;
  const what = `${field} must have 1 to ${LONGEST} printable characters`;
  throw new ResponseError(ResponseCode.SYSTEM_ERROR, `${what}, not ${printable(value, 40)}`);
}
