import {
  PopMessage,
  popNumberInfo,
  popOffsetsInfo,
  popRetryOf,
  popRetryTopicV1,
  popRetryTopicV2,
  POP_ORDER_REVIVE_QUEUE,
  RemotingCommand,
  ResponseCode,
  type PopMessageRequestHeader,
  type TopicConfig,
} from '@nest-rocketmq/protocol';
import type { Connection, RequestProcessor } from '@nest-rocketmq/remoting';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { Selection } from '@nest-rocketmq/store';
import type { BrokerContext } from '../broker-context.ts';
import type { MessageFilter } from '../pull/message-filter.ts';
import { admitPop, checkPopLimits, popFilter, refuseStale } from './pop-admission.ts';
import { popOffset } from './pop-offset.ts';
import { PopResult } from './pop-result.ts';

/** A pop that was let in: kept while it is held. */
interface Pop {
  readonly connection: Connection;
  readonly request: RemotingCommand;
  readonly header: PopMessageRequestHeader;
  readonly filter: MessageFilter;
  /** Milliseconds by the broker's clock: when it is answered at the latest. */
  readonly deadline: number;
}

/** What one run of a pop has in common for all queues. */
interface PopRun {
  readonly pop: Pop;
  readonly popTime: number;
  readonly reviveQueueId: number;
  readonly result: PopResult;
}

/**
 * POP_MESSAGE (200050): PopMessageProcessor. Hands out messages that nobody else of the group has, after a check point
 * of them is in the revive log; the group's offset moves at once. A pop that finds nothing is held.
 */
export function popMessage(broker: BrokerContext): RequestProcessor {
  const processor = new PopMessageProcessor(broker);
  return (request, connection) => {
    if (request.isOneway) return undefined;
    const header = PopMessage.request.decode(request);
    const bornTime = header.bornTime === 0 ? broker.clock.now() : header.bornTime;
    refuseStale(broker, bornTime, header.pollTime);
    checkPopLimits(broker, header.maxMsgNums, header.invisibleTime);
    admitPop(broker, header, connection.remoteAddress);
    const filter = popFilter(broker, header.topic, header.exp, header.expType);
    return processor.run({ connection, request, header, filter, deadline: bornTime + header.pollTime });
  };
}

class PopMessageProcessor {
  readonly #broker: BrokerContext;
  #pops = 0;

  constructor(broker: BrokerContext) {
    this.#broker = broker;
  }

  /** @returns the answer when it carries no messages; undefined when it is written already, or later */
  run(pop: Pop): RemotingCommand | undefined {
    const { header, connection, request } = pop;
    const broker = this.#broker;
    // The topic may be gone since the pop was held.
    const topic = admitPop(broker, header, connection.remoteAddress);
    const result = new PopResult(broker.store);
    const reviveQueueId = header.order ? POP_ORDER_REVIVE_QUEUE : this.#pops++ % broker.config.reviveQueueNum;
    const run: PopRun = { pop, popTime: broker.pop.clock.now(), reviveQueueId, result };
    this.#popAll(run, topic);
    if (result.count === 0) return this.#hold(run);
    this.#wakeNext(run);
    if (result.answer(connection, request, ResponseCode.SUCCESS, 'FOUND', fieldsOf(run))) return undefined;
    return RemotingCommand.response(request, ResponseCode.POLLING_TIMEOUT, 'MESSAGE_WAS_REMOVING');
  }

  /** Now and then the retry topic goes first, so that neither starves the other. */
  #popAll(run: PopRun, topic: TopicConfig): void {
    const { header } = run.pop;
    const random = Math.floor(Math.random() * 100);
    const retryFirst = random < this.#broker.config.popFromRetryProbability;
    const retryTopic = header.order ? undefined : this.#retryTopic(header, random);
    if (retryFirst && retryTopic) this.#popTopic(run, retryTopic, random);
    if (header.queueId < 0) this.#popTopic(run, topic, random);
    else this.#popQueue(run, topic.topicName, header.queueId);
    if (!retryFirst && retryTopic) this.#popTopic(run, retryTopic, random);
  }

  /** The answer's format has room for one retry topic: with both versions in use they take turns. */
  #retryTopic({ topic, consumerGroup }: PopMessageRequestHeader, random: number): TopicConfig | undefined {
    const { config, topics } = this.#broker;
    const v1 = topics.select(popRetryTopicV1(topic, consumerGroup));
    if (!config.enableRetryTopicV2) return v1;
    const v2 = topics.select(popRetryTopicV2(topic, consumerGroup));
    const turnOfV1 = config.retrieveMessageFromPopRetryTopicV1 && v1 !== undefined && random % 2 === 0;
    return turnOfV1 ? v1 : v2;
  }

  #popTopic(run: PopRun, topic: TopicConfig, random: number): void {
    for (let i = 0; i < topic.readQueueNums; i++)
      this.#popQueue(run, topic.topicName, (random + i) % topic.readQueueNums);
  }

  #popQueue(run: PopRun, topic: string, queueId: number): void {
    const { header, filter } = run.pop;
    const { store, pop } = this.#broker;
    const { result } = run;
    const max = store.getMaxOffset(topic, queueId);
    let offset = popOffset(this.#broker, header.consumerGroup, topic, queueId, header.initMode);
    // What a blocked queue holds can't be popped: who waits is woken when it can be.
    const { consumerGroup: group, attemptId } = header;
    if (header.order && pop.orders.blockedUntil(topic, group, queueId, attemptId) !== undefined) {
      pop.orderLocks.ensure(topic, group, queueId);
      return;
    }
    const maxNums = header.maxMsgNums - result.count;
    if (maxNums <= 0) {
      result.restNum += Math.max(0, max - offset);
      return;
    }
    const query = { topic, queueId, maxNums, ...filter };
    let selection = store.select({ ...query, offset });
    if (isWrongOffset(selection, offset)) {
      offset = selection.nextBeginOffset;
      this.#commit(run, topic, queueId, offset);
      selection = store.select({ ...query, offset });
    }
    if (selection.count > 0) {
      this.#take(run, topic, offset, selection);
    } else {
      if (selection.nextBeginOffset > offset) this.#commit(run, topic, queueId, selection.nextBeginOffset);
      result.restNum += Math.max(0, selection.maxOffset - selection.nextBeginOffset);
    }
  }

  #take(run: PopRun, topic: string, offset: number, selection: Selection): void {
    const { result, popTime, reviveQueueId } = run;
    const { header } = run.pop;
    const broker = this.#broker;
    const { queueId } = selection;
    const offsets = selection.offsets.slice(0, selection.count);
    if (header.order) {
      const { consumerGroup: group, attemptId, invisibleTime } = header;
      const taken = { topic, group, queueId, attemptId, popTime, invisibleTime, offsets };
      result.orderCounts.push(...broker.pop.orders.take(taken));
      broker.pop.orderLocks.watch(topic, group, queueId);
      this.#commit(run, topic, queueId, offset);
    } else {
      if (!this.#keepCheckPoint(run, topic, offset, queueId, offsets)) {
        result.restNum += selection.count;
        return;
      }
      this.#commit(run, topic, queueId, selection.nextBeginOffset);
    }
    const retry = popRetryOf(topic);
    const revived = topic !== header.topic && !broker.config.popResponseReturnActualRetryTopic;
    if (revived) {
      const { invisibleTime } = header;
      const { brokerName } = broker.config;
      const receipt = { startOffset: offset, popTime, invisibleTime, reviveQueueId, retry, brokerName };
      if (!result.addRevived(selection, { ...receipt, topic: header.topic })) return;
    } else {
      result.add(selection);
    }
    result.startOffsets.push(popNumberInfo(retry, queueId, offset));
    result.messageOffsets.push(popOffsetsInfo(retry, queueId, offsets));
    result.restNum += Math.max(0, selection.maxOffset - selection.nextBeginOffset);
    broker.stats.get(topic, header.consumerGroup, selection.count);
  }

  /** @returns false when the store takes nothing: then nothing may be handed out */
  #keepCheckPoint(
    run: PopRun,
    topic: string,
    offset: number,
    queueId: number,
    offsets: readonly number[],
  ): boolean {
    const { header } = run.pop;
    const point = {
      topic,
      group: header.consumerGroup,
      queueId,
      startOffset: offset,
      popTime: run.popTime,
      invisibleTime: header.invisibleTime,
      num: offsets.length,
      diffs: offsets.map((each) => each - offset),
      brokerName: this.#broker.config.brokerName,
      rePutTimes: 0,
      suspend: false,
    };
    try {
      return this.#broker.pop.log.putCheckPoint(point, run.reviveQueueId).status === 'PUT_OK';
    } catch (error) {
      // Other queues may have given messages already, and those are under way.
      if (!(error instanceof RocketMQError)) throw error;
      this.#broker.logger.warn(`POP: no check point could be kept: ${error.message}`);
      return false;
    }
  }

  #commit(run: PopRun, topic: string, queueId: number, offset: number): void {
    const { connection, header } = run.pop;
    const { consumerOffsets } = this.#broker;
    consumerOffsets.commit(connection.remoteAddress, header.consumerGroup, topic, queueId, offset);
  }

  #hold(run: PopRun): RemotingCommand | undefined {
    const { connection, header, filter, deadline, request } = run.pop;
    const broker = this.#broker;
    broker.stats.miss();
    const { topic, consumerGroup: group, queueId } = header;
    const again = (): void => this.#rerun(run.pop);
    const held = broker.pop.held.hold(
      { connection, topic, group, queueId, deadline, matches: filter.matches, run: again },
      header.pollTime,
    );
    if (held === 'HELD') return undefined;
    const code = held === 'FULL' ? ResponseCode.POLLING_FULL : ResponseCode.POLLING_TIMEOUT;
    return RemotingCommand.response(request, code, 'NO_MESSAGE_IN_QUEUE', fieldsOf(run));
  }

  /** Answers a pop that was held; what goes wrong concerns that pop alone. */
  #rerun(pop: Pop): void {
    const { connection, request } = pop;
    const { position } = connection;
    try {
      const answer = this.run(pop);
      if (answer) connection.respond(answer);
    } catch (error) {
      connection.rollback(position);
      connection.respond(failure(request, error));
    }
  }

  /** There is more than this pop takes. */
  #wakeNext({ pop: { header }, result }: PopRun): void {
    if (result.restNum > 0) this.#broker.pop.held.wakeOne(header.topic, header.consumerGroup, header.queueId);
  }
}

function failure(request: RemotingCommand, error: unknown): RemotingCommand {
  const known = error instanceof RocketMQError ? error.responseCode : undefined;
  const remark = error instanceof Error ? error.message : String(error);
  return RemotingCommand.response(request, known ?? ResponseCode.SYSTEM_ERROR, remark);
}

function isWrongOffset({ status, nextBeginOffset }: Selection, offset: number): boolean {
  return (
    nextBeginOffset !== offset &&
    (status === 'OFFSET_TOO_SMALL' || status === 'OFFSET_OVERFLOW_BADLY' || status === 'OFFSET_FOUND_NULL')
  );
}

function fieldsOf({ pop: { header }, popTime, reviveQueueId, result }: PopRun): Map<string, string> {
  return PopMessage.response.encode({
    popTime,
    invisibleTime: header.invisibleTime,
    reviveQid: reviveQueueId,
    restNum: result.restNum,
    startOffsetInfo: result.startOffsets.join(';'),
    msgOffsetInfo: result.messageOffsets.join(';'),
    orderCountInfo: header.order ? result.orderCounts.join(';') : undefined,
  });
}
