import { RocketMQError } from '@nest-rocketmq/runtime';
import { languageNumber } from '../codes/language-code.ts';
import { SerializeType } from '../codes/serialize-type.ts';
import { quoteJson } from '../json/quote.ts';
import type { RemotingCommand } from './remoting-command.ts';

const MAX_HEADER_LENGTH = 0xffffff;

/**
 * The whole frame of a command: length word, mark word, header, body. A code beyond 16 bits can't be said in the binary
 * header, so such a command is written as JSON whatever its `serializeType`; the frame's mark tells the peer.
 * Throws RocketMQError `INVALID_ARGUMENT` when a header does not fit its length fields.
 */
export function encodeCommand(command: RemotingCommand): Buffer {
  return command.serializeType === SerializeType.ROCKETMQ && command.code === (command.code << 16) >> 16
    ? encodeBinary(command)
    : encodeJson(command);
}

function encodeJson(command: RemotingCommand): Buffer {
  const header = jsonHeader(command);
  const length = Buffer.byteLength(header);
  const frame = allocateFrame(command, SerializeType.JSON, length);
  if (length === header.length) frame.write(header, 8, length, 'latin1');
  else frame.write(header, 8, length, 'utf8');
  return frame;
}

// Keys in fastjson's order. Strings are joined, not buffers: V8 keeps them as ropes and writes them once.
function jsonHeader(command: RemotingCommand): string {
  let json = `{"code":${command.code}`;
  if (command.extFields.size > 0) {
    let separator = ',"extFields":{';
    for (const [key, value] of command.extFields) {
      json += `${separator}${quoteJson(key)}:${quoteJson(value)}`;
      separator = ',';
    }
    json += '}';
  }
  json += `,"flag":${command.flag},"language":${quoteJson(command.language)},"opaque":${command.opaque}`;
  if (command.remark !== undefined) json += `,"remark":${quoteJson(command.remark)}`;
  return `${json},"serializeTypeCurrentRPC":"JSON","version":${command.version}}`;
}

function encodeBinary(command: RemotingCommand): Buffer {
  const remark = command.remark ?? '';
  const remarkLength = Buffer.byteLength(remark);
  let fieldsLength = 0;
  for (const [key, value] of command.extFields) {
    const keyLength = Buffer.byteLength(key);
    if (keyLength > 0x7fff) throw tooLong(`the header key of ${keyLength} bytes`);
    fieldsLength += 6 + keyLength + Buffer.byteLength(value);
  }
  const frame = allocateFrame(command, SerializeType.ROCKETMQ, 21 + remarkLength + fieldsLength);
  let at = frame.writeInt16BE(command.code, 8);
  at = frame.writeUInt8(languageNumber(command.language), at);
  at = frame.writeInt16BE((command.version << 16) >> 16, at);
  at = frame.writeInt32BE(command.opaque, at);
  at = frame.writeInt32BE(command.flag, at);
  at = frame.writeInt32BE(remarkLength, at);
  at += frame.write(remark, at, remarkLength);
  at = frame.writeInt32BE(fieldsLength, at);
  for (const [key, value] of command.extFields) {
    const keyLength = frame.write(key, at + 2);
    frame.writeInt16BE(keyLength, at);
    at += 2 + keyLength;
    const valueLength = frame.write(value, at + 4, Buffer.byteLength(value));
    frame.writeInt32BE(valueLength, at);
    at += 4 + valueLength;
  }
  return frame;
}

/** The frame with its two words and its body in place, room for the header between them. */
function allocateFrame(command: RemotingCommand, serializeType: number, headerLength: number): Buffer {
  if (headerLength > MAX_HEADER_LENGTH) throw tooLong(`the header of ${headerLength} bytes`);
  const frame = Buffer.allocUnsafe(8 + headerLength + command.body.length);
  frame.writeInt32BE(4 + headerLength + command.body.length, 0);
  frame.writeInt32BE((serializeType << 24) | headerLength, 4);
  command.body.copy(frame, 8 + headerLength);
  return frame;
}

function tooLong(what: string): RocketMQError {
  return new RocketMQError(
    'INVALID_ARGUMENT',
    `${what} does not fit a RocketMQ frame; send less in fields and properties`,
  );
}
