import { ResponseCode, stringifyJson } from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import type { TimerDelivery } from '../timer/timer-delivery.ts';
import { success } from './answer.ts';

/** GET_TIMER_CHECK_POINT (60): how far the timers are, as slaves ask (AdminBrokerProcessor.getTimerCheckPoint). */
export function getTimerCheckPoint(broker: BrokerContext): RequestProcessor {
  return (request) => success(request, undefined, timersOf(broker).checkpoint());
}

/** GET_TIMER_METRICS (61): how many messages wait for their time, by topic (AdminBrokerProcessor.getTimerMetrics). */
export function getTimerMetrics(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const metrics = timersOf(broker).metrics.toJson();
    return success(request, undefined, Buffer.from(stringifyJson(metrics)));
  };
}

function timersOf(broker: BrokerContext): TimerDelivery {
  if (broker.timerDelivery) return broker.timerDelivery;
  throw new ResponseError(
    ResponseCode.SYSTEM_ERROR,
    'The timer message store is null: timerWheelEnable is false',
  );
}
