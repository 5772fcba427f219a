import { Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { FREE_SHIPPING_FROM, ORDER_RPC, SHIPPING_FEE } from '@sample-shop/api';
import type { Goods, Id, OrderApi, ShopInfo, User, UserDetail } from '@sample-shop/api';
import { ApiAnswers } from '../common/openapi/api-answers.ts';
import { GOODS, listOf, SHOP_INFO, USER, USER_DETAIL } from '../common/openapi/schemas.ts';
import { IdPipe } from '../common/http/validation.ts';
import { WebController } from '../common/http/web-controller.ts';
import { InjectRpc } from '../common/rpc/rpc-clients.module.ts';
import { InjectSettings } from '../common/settings/settings.module.ts';
import type { ShopSettings } from '../common/settings/settings.ts';

@ApiTags('shop')
@WebController()
export class ShopController {
  constructor(
    @InjectRpc(ORDER_RPC) private readonly orders: OrderApi,
    @InjectSettings() private readonly settings: ShopSettings,
  ) {}

  @Get('goods')
  @ApiOperation({ summary: 'What is sold' })
  @ApiAnswers(listOf(GOODS))
  goods(): Promise<Goods[]> {
    return this.orders.goods({});
  }

  @Get('users')
  @ApiOperation({ summary: 'Who can order' })
  @ApiAnswers(listOf(USER))
  users(): Promise<User[]> {
    return this.orders.users({});
  }

  @Get('users/:userId')
  @ApiOperation({ summary: 'A user with balance, score and coupons' })
  @ApiAnswers(USER_DETAIL, 'REQUEST_PARAMETER_INVALID', 'USER_NOT_FOUND')
  user(@Param('userId', IdPipe) userId: Id): Promise<UserDetail> {
    return this.orders.user({ userId });
  }

  @Get('settings')
  @ApiOperation({ summary: 'What a page has to know of the shop' })
  @ApiAnswers(SHOP_INFO)
  info(): ShopInfo {
    const { failureSwitches, unpaidTimeout } = this.settings;
    return {
      failureSwitches,
      unpaidTimeout,
      shippingFee: SHIPPING_FEE,
      freeShippingFrom: FREE_SHIPPING_FROM,
    };
  }
}
