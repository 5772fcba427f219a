import { MessagePattern, Payload } from '@nestjs/microservices';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ShopError, USER_RPC } from '@sample-shop/api';
import type { ChangeBalance, Id, ServiceHealth, User, UserApi } from '@sample-shop/api';
import { HealthOfService } from '../common/health/service-health.ts';
import { ServiceController } from '../common/rpc/service-controller.ts';
import { Balance } from './balance.ts';
import { toUser, UserEntity } from './user.entities.ts';

@ServiceController()
export class UserController implements UserApi {
  constructor(
    @InjectRepository(UserEntity) private readonly users: Repository<UserEntity>,
    private readonly balance: Balance,
    private readonly healthOf: HealthOfService,
  ) {}

  @MessagePattern(USER_RPC.pattern('list'))
  async list(): Promise<User[]> {
    return (await this.users.find({ order: { userId: 'ASC' } })).map(toUser);
  }

  @MessagePattern(USER_RPC.pattern('find'))
  async find(@Payload() { userId }: { userId: Id }): Promise<User> {
    const user = await this.users.findOneBy({ userId });
    if (!user) throw new ShopError('USER_NOT_FOUND');
    return toUser(user);
  }

  @MessagePattern(USER_RPC.pattern('takeBalance'))
  async takeBalance(@Payload() request: ChangeBalance): Promise<true> {
    await this.balance.take(request);
    return true;
  }

  @MessagePattern(USER_RPC.pattern('refundBalance'))
  async refundBalance(@Payload() { userId, orderId }: { userId: Id; orderId: Id }): Promise<true> {
    await this.balance.refund(userId, orderId);
    return true;
  }

  @MessagePattern(USER_RPC.pattern('health'))
  health(): Promise<ServiceHealth> {
    return this.healthOf.check(USER_RPC.service);
  }
}
