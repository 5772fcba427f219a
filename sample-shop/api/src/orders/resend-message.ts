import { ApiProperty } from '@nestjs/swagger';
import { Allow } from 'class-validator';

/**
 * Sends a message of an order once more, as a broker may: `POST /order-web/messages`, only where failure switches are on.
 * What the fields have to be is for the order service to say.
 */
export class ResendMessage {
  @ApiProperty({ description: 'The topic of the message', example: 'orderTopic' })
  @Allow()
  topic?: unknown;

  @ApiProperty({
    description: 'Which order: its last message is sent again',
    example: { orderId: '345988230098857984' },
    type: Object,
  })
  @Allow()
  body?: unknown;
}
