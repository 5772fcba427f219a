import {
  encodeCommand,
  MQVersion,
  PullMessage,
  RemotingCommand,
  SerializeType,
} from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';
import type { PullRequest } from './pull-request.ts';

/** The header of a pull's answer, for the codes that carry offsets: 0, 19, 20 and 21. */
export interface PullReply {
  code: number;
  /** The name of the store's status. */
  remark: string;
  /** 0: the master. */
  suggestWhichBrokerId: number;
  nextBeginOffset: number;
  minOffset: number;
  maxOffset: number;
  topicSysFlag: number;
  groupSysFlag: number;
}

const PREFIX_BYTES = 8;

/**
 * Writes the answer's header to the connection's out buffer, for `bodyBytes` of records behind it.
 * @param room how many of these bytes the buffer gets room for; default: all
 * @returns where in `connection.out` the body goes
 */
export function writePullReply(
  connection: Connection,
  request: PullRequest,
  reply: PullReply,
  bodyBytes: number,
  room = bodyBytes,
): number {
  if (request.serializeType !== SerializeType.JSON)
    return writeEncoded(connection, request, reply, bodyBytes, room);
  const header =
    `{"code":${reply.code},"extFields":{"groupSysFlag":"${reply.groupSysFlag}","maxOffset":"${reply.maxOffset}",` +
    `"minOffset":"${reply.minOffset}","nextBeginOffset":"${reply.nextBeginOffset}",` +
    `"suggestWhichBrokerId":"${reply.suggestWhichBrokerId}","topicSysFlag":"${reply.topicSysFlag}"},` +
    `"flag":1,"language":"OTHER","opaque":${request.opaque},"remark":"${reply.remark}",` +
    `"serializeTypeCurrentRPC":"JSON","version":${MQVersion.CURRENT}}`;
  const length = PREFIX_BYTES + header.length;
  const at = connection.reserve(length + room);
  const { out } = connection;
  out.writeInt32BE(length + bodyBytes - 4, at);
  out.writeInt32BE(header.length, at + 4);
  return at + PREFIX_BYTES + out.write(header, at + PREFIX_BYTES, 'latin1');
}

function writeEncoded(
  connection: Connection,
  request: PullRequest,
  reply: PullReply,
  bodyBytes: number,
  room: number,
): number {
  const fields = PullMessage.response.encode(reply);
  const frame = encodeCommand(RemotingCommand.response(request, reply.code, reply.remark, fields));
  const at = connection.reserve(frame.length + room);
  frame.copy(connection.out, at);
  connection.out.writeInt32BE(frame.length + bodyBytes - 4, at);
  return at + frame.length;
}
