import { MessagePattern, Payload } from '@nestjs/microservices';
import { COUPON_RPC, GOODS_RPC, ORDER_RPC, USER_RPC } from '@sample-shop/api';
import type {
  CouponApi,
  Goods,
  GoodsApi,
  Id,
  OrderApi,
  ServiceHealth,
  User,
  UserApi,
  UserDetail,
} from '@sample-shop/api';
import { HealthOfService } from '../common/health/service-health.ts';
import { InjectRpc } from '../common/rpc/rpc-clients.module.ts';
import { ServiceController } from '../common/rpc/service-controller.ts';

/** What a page shows of the services behind this one. */
@ServiceController()
export class ShopReadsController implements Pick<
  OrderApi,
  'goods' | 'users' | 'user' | 'health' | 'healthOfAll'
> {
  constructor(
    @InjectRpc(GOODS_RPC) private readonly goodsService: GoodsApi,
    @InjectRpc(COUPON_RPC) private readonly couponService: CouponApi,
    @InjectRpc(USER_RPC) private readonly userService: UserApi,
    private readonly healthOf: HealthOfService,
  ) {}

  @MessagePattern(ORDER_RPC.pattern('goods'))
  goods(): Promise<Goods[]> {
    return this.goodsService.list({});
  }

  @MessagePattern(ORDER_RPC.pattern('users'))
  users(): Promise<User[]> {
    return this.userService.list({});
  }

  @MessagePattern(ORDER_RPC.pattern('user'))
  async user(@Payload() { userId }: { userId: Id }): Promise<UserDetail> {
    const user = await this.userService.find({ userId });
    return { ...user, coupons: await this.couponService.ofUser({ userId }) };
  }

  @MessagePattern(ORDER_RPC.pattern('health'))
  health(): Promise<ServiceHealth> {
    return this.healthOf.check(ORDER_RPC.service);
  }

  @MessagePattern(ORDER_RPC.pattern('healthOfAll'))
  healthOfAll(): Promise<ServiceHealth[]> {
    const others = [this.goodsService, this.couponService, this.userService];
    const names = [GOODS_RPC, COUPON_RPC, USER_RPC].map(({ service }) => service);
    const asked = others.map((service, index) =>
      service.health({}).catch((error: Error) => ({
        service: names[index] ?? '',
        up: false,
        parts: [],
        message: error.message,
      })),
    );
    return Promise.all([this.health(), ...asked]);
  }
}
