import { RemotingCommand, ResponseCode, type Command } from '@nest-rocketmq/protocol';
import { BrokerError } from '../errors.ts';

/** A successful answer to a request. */
export interface Answer<Res> {
  header: Res;
  body: Buffer;
  /** The peer's version, as in `MQVersion`. */
  version: number;
}

/** The frame of a request. */
export function requestOf<Req, Res>(command: Command<Req, Res>, header: Req, body?: Buffer): RemotingCommand {
  return RemotingCommand.request(command.code, command.request.encode(header), body);
}

/**
 * Makes a typed answer of a response.
 * @throws BrokerError when its code is not success
 */
export function answerOf<Req, Res>(
  command: Command<Req, Res>,
  response: RemotingCommand,
  address: string,
): Answer<Res> {
  if (response.code !== ResponseCode.SUCCESS) throw brokerError(command, response, address);
  return { header: command.response.decode(response), body: response.body, version: response.version };
}

/** The error that a response other than success stands for. */
export function brokerError(
  command: { name: string },
  response: RemotingCommand,
  address: string,
): BrokerError {
  return new BrokerError(command.name, response.code, response.remark, address);
}
