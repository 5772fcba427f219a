import { MQVersion } from '../codes/mq-version.ts';
import { SerializeType } from '../codes/serialize-type.ts';
import type { FieldSource } from './field-source.ts';

const RESPONSE_FLAG = 1;
const ONEWAY_FLAG = 2;
const NO_BODY = Buffer.alloc(0);

/** One command on the wire: a request, or the answer to one. RocketMQ's `RemotingCommand`. */
export class RemotingCommand implements FieldSource {
  /** A request code, or a response code when {@link isResponse}. */
  code: number;
  /** The language of the sender. */
  language = 'OTHER';
  /** The version of the sender, one of `MQVersion`. */
  version: number = MQVersion.CURRENT;
  /** What ties an answer to its request: a signed 32-bit integer the requesting connection assigns. */
  opaque = 0;
  /** Bit 0: a response; bit 1: one-way, no answer wanted. */
  flag = 0;
  /** A text for people, mostly the reason of a failure. */
  remark: string | undefined;
  /** The fields of the header, by key. */
  readonly extFields: Map<string, string>;
  /** Empty when the command carries none: on the wire the two are the same. */
  body: Buffer;
  /** How the header is written; answers follow their request. */
  serializeType: number = SerializeType.JSON;

  constructor(code: number, fields: Map<string, string> = new Map(), body: Buffer = NO_BODY) {
    this.code = code;
    this.extFields = fields;
    this.body = body;
  }

  /** A request. Its opaque is 0 until a connection assigns one. */
  static request(code: number, fields?: Map<string, string>, body?: Buffer): RemotingCommand {
    return new RemotingCommand(code, fields, body);
  }

  /** The answer to a request: same opaque, and written the way the request was. */
  static response(
    to: { readonly opaque: number; readonly serializeType: number },
    code: number,
    remark?: string,
    fields?: Map<string, string>,
    body?: Buffer,
  ): RemotingCommand {
    const response = new RemotingCommand(code, fields, body);
    response.flag = RESPONSE_FLAG;
    response.opaque = to.opaque;
    response.serializeType = to.serializeType;
    response.remark = remark;
    return response;
  }

  get isResponse(): boolean {
    return (this.flag & RESPONSE_FLAG) !== 0;
  }

  get isOneway(): boolean {
    return (this.flag & ONEWAY_FLAG) !== 0;
  }

  /** Says that no answer is wanted. */
  markOneway(): this {
    this.flag |= ONEWAY_FLAG;
    return this;
  }

  get(key: string): string | undefined {
    return this.extFields.get(key);
  }
}
