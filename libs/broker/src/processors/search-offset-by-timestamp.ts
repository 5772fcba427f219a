import { SearchOffsetByTimestamp } from '@nest-rocketmq/protocol';
import type { RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { success } from './answer.ts';

/** SEARCH_OFFSET_BY_TIMESTAMP (29): the first message stored at or after a time, or the last at or before it. */
export function searchOffsetByTimestamp(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const { topic, queueId, timestamp, boundaryType } = SearchOffsetByTimestamp.request.decode(request);
    const offset = broker.store.getOffsetByTime(topic, queueId, timestamp, boundaryType);
    return success(request, SearchOffsetByTimestamp.response.encode({ offset }));
  };
}
