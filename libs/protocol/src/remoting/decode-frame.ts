import { RocketMQError } from '@nest-rocketmq/runtime';
import { HeaderView } from './header-view.ts';
import type { RemotingCommand } from './remoting-command.ts';

const view = new HeaderView();

/**
 * The command a whole frame holds, its length word included. The body is a view of the frame, not a copy.
 * Throws RocketMQError `PROTOCOL` when the lengths contradict each other or the header can't be read.
 */
export function decodeFrame(frame: Buffer): RemotingCommand {
  if (frame.length < 8 || frame.readInt32BE(0) !== frame.length - 4) {
    throw new RocketMQError('PROTOCOL', `a frame of ${frame.length} bytes whose length word does not say so`);
  }
  const mark = frame.readInt32BE(4);
  const bodyStart = 8 + (mark & 0xffffff);
  if (bodyStart > frame.length) {
    throw new RocketMQError(
      'PROTOCOL',
      `a header of ${bodyStart - 8} bytes in a frame of ${frame.length} bytes`,
    );
  }
  if (!view.parse(frame, mark >>> 24, 8, bodyStart)) {
    throw new RocketMQError('PROTOCOL', `the ${bodyStart - 8} bytes of header are not a RocketMQ header`);
  }
  return view.toCommand(frame.subarray(bodyStart));
}
