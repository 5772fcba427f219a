import {
  isValidPerm,
  ResponseCode,
  UpdateAndCreateTopic,
  validateTopic,
  type TopicConfig,
  type UpdateAndCreateTopicRequestHeader,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import type { BrokerContext } from '../broker-context.ts';
import { changeAttributes } from './topic-attributes.ts';
import { success } from './answer.ts';

/** More queues than any tool asks for; each costs a directory and, once used, a file. */
const MAX_QUEUE_NUMS = 65_536;

/**
 * UPDATE_AND_CREATE_TOPIC (17): AdminBrokerProcessor.updateAndCreateTopic. The NameServers hear of it before the next
 * period, as of every change to the topics.
 */
export function updateAndCreateTopic(broker: BrokerContext): RequestProcessor {
  return (request) => {
    const header = UpdateAndCreateTopic.request.decode(request);
    check(broker, header);
    const known = broker.topics.select(header.topic);
    const config: TopicConfig = {
      topicName: header.topic,
      readQueueNums: header.readQueueNums,
      writeQueueNums: header.writeQueueNums,
      perm: header.perm,
      topicFilterType: header.topicFilterType,
      topicSysFlag: header.topicSysFlag ?? 0,
      order: header.order,
      attributes: changeAttributes(
        known?.attributes,
        header.attributes,
        broker.config.enableMixedMessageType,
      ),
    };
    if (!known || !sameTopic(known, config)) broker.topics.updateTopic(config);
    return success(request);
  };
}

function check(broker: BrokerContext, header: UpdateAndCreateTopicRequestHeader): void {
  const problem = validateTopic(header.topic);
  if (problem !== undefined) throw new ResponseError(ResponseCode.INVALID_PARAMETER, problem);
  if (broker.config.validateSystemTopicWhenUpdateTopic && broker.topics.isSystemTopic(header.topic)) {
    const what = `The topic[${header.topic}] is conflict with system topic.`;
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, what);
  }
  if (!isValidPerm(header.perm)) {
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, `perm ${header.perm} is illegal: give 0 to 7`);
  }
  for (const queueNums of [header.readQueueNums, header.writeQueueNums]) {
    if (queueNums >= 0 && queueNums <= MAX_QUEUE_NUMS) continue;
    const what = `${queueNums} queues are illegal: give 0 to ${MAX_QUEUE_NUMS}`;
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, what);
  }
  if (header.topicFilterType !== 'SINGLE_TAG' && header.topicFilterType !== 'MULTI_TAG') {
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, 'topicFilterType is SINGLE_TAG or MULTI_TAG');
  }
}

function sameTopic(a: TopicConfig, b: TopicConfig): boolean {
  return (
    a.readQueueNums === b.readQueueNums &&
    a.writeQueueNums === b.writeQueueNums &&
    a.perm === b.perm &&
    a.topicFilterType === b.topicFilterType &&
    a.topicSysFlag === b.topicSysFlag &&
    a.order === b.order &&
    a.attributes.size === b.attributes.size &&
    [...a.attributes].every(([name, value]) => b.attributes.get(name) === value)
  );
}
