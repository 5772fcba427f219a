import {
  type MessageRequestMode,
  type MessageRequestModeSerializeWrapper,
  type SetMessageRequestModeRequestBody,
} from '@nest-rocketmq/protocol';
import type { ConfigFile } from '../config/config-file.ts';
import { integer, member, members } from '../config/json-fields.ts';

/** Which groups pull or pop which topics, as was set by 401; kept in `messageRequestMode.json` (MessageRequestModeManager). */
export class MessageRequestModes {
  readonly #file: ConfigFile;
  readonly #modes = new Map<string, Map<string, SetMessageRequestModeRequestBody>>();

  constructor(file: ConfigFile) {
    this.#file = file;
  }

  /**
   * Reads the file.
   * @throws RocketMQError when neither the file nor its backup can be read
   */
  load(): void {
    for (const [topic, groups] of members(member(this.#file.load(), 'messageRequestModeMap'))) {
      for (const [consumerGroup, value] of members(groups)) {
        const mode: MessageRequestMode = member(value, 'mode') === 'POP' ? 'POP' : 'PULL';
        const popShareQueueNum = integer(member(value, 'popShareQueueNum'), 0);
        this.#put({ topic, consumerGroup, mode, popShareQueueNum });
      }
    }
  }

  /** How a group gets a topic; undefined when it was not set. */
  find(topic: string, group: string): SetMessageRequestModeRequestBody | undefined {
    return this.#modes.get(topic)?.get(group);
  }

  /** Sets it and writes the file. */
  set(mode: SetMessageRequestModeRequestBody): void {
    this.#put(mode);
    this.#file.persist(this.wrapper());
  }

  /** All of them, as 402 carries them. */
  wrapper(): MessageRequestModeSerializeWrapper {
    return { messageRequestModeMap: this.#modes };
  }

  #put(mode: SetMessageRequestModeRequestBody): void {
    let groups = this.#modes.get(mode.topic);
    if (!groups) this.#modes.set(mode.topic, (groups = new Map()));
    groups.set(mode.consumerGroup, mode);
  }
}
