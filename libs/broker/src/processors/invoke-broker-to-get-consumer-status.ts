import {
  GetConsumerStatusBody,
  GetConsumerStatusFromClient,
  InvokeBrokerToGetConsumerStatus,
  MQVersion,
  RemotingCommand,
  RequestCode,
  ResponseCode,
  versionName,
} from '@nest-rocketmq/protocol';
import { ResponseError, type RequestProcessor } from '@nest-rocketmq/remoting';
import { printable } from '@nest-rocketmq/runtime';
import type { BrokerContext } from '../broker-context.ts';
import type { ClientChannel } from '../client/client-channel.ts';
import { success } from './answer.ts';

/** How long a member gets to answer, in milliseconds. */
const TIMEOUT_MS = 5000;

/**
 * INVOKE_BROKER_TO_GET_CONSUMER_STATUS (223): asks the members of a group, or the one that is named, for the offsets
 * they know (221). A member that doesn't answer is left out (Broker2Client.getConsumeStatus).
 */
export function invokeBrokerToGetConsumerStatus(broker: BrokerContext): RequestProcessor {
  return async (request) => {
    const { topic, group, clientAddr } = InvokeBrokerToGetConsumerStatus.request.decode(request);
    const members = [...(broker.consumers.group(group)?.channels.values() ?? [])];
    if (members.length === 0) {
      const remark = `No Any Consumer online in the consumer group: [${group}]`;
      throw new ResponseError(ResponseCode.CONSUMER_NOT_ONLINE, remark);
    }
    const wanted = (clientAddr ?? '').trim();
    const asked = wanted === '' ? members : members.filter(({ clientId }) => clientId === wanted);
    const consumerTable: GetConsumerStatusBody['consumerTable'] = new Map();
    await Promise.all(
      asked.map(async (member) => {
        requireVersion(member);
        const offsets = await ask(broker, member, topic, group);
        if (offsets) consumerTable.set(member.clientId, offsets);
      }),
    );
    return success(
      request,
      undefined,
      GetConsumerStatusBody.encode({ messageQueueTable: [], consumerTable }),
    );
  };
}

function requireVersion({ version }: ClientChannel): void {
  if (version >= MQVersion.V3_0_7_SNAPSHOT) return;
  const remark = `the client does not support this feature. version=${versionName(version)}`;
  throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark);
}

async function ask(
  broker: BrokerContext,
  { connection, clientId }: ClientChannel,
  topic: string,
  group: string,
): Promise<GetConsumerStatusBody['messageQueueTable'] | undefined> {
  const fields = GetConsumerStatusFromClient.request.encode({ topic, group });
  const question = RemotingCommand.request(RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT, fields);
  try {
    const answer = await connection.request(question, TIMEOUT_MS);
    if (answer.code !== ResponseCode.SUCCESS || answer.body.length === 0) return undefined;
    return GetConsumerStatusBody.decode(answer.body).messageQueueTable;
  } catch (error) {
    broker.logger.warn(`Consumer ${printable(clientId)} did not tell its offsets`, error);
    return undefined;
  }
}
