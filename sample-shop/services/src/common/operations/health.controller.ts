import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ShopError, success } from '@sample-shop/api';
import type { Answer, ServiceHealth } from '@sample-shop/api';

/** Asks the services behind a front end how they are. */
export type HealthProbe = () => Promise<ServiceHealth[]>;

export const HEALTH_PROBE = Symbol('HealthProbe');

/** What of the HTTP response this needs. */
interface StatusResponse {
  status(status: number): unknown;
}

@ApiTags('operation')
@Controller('health')
export class HealthController {
  constructor(@Inject(HEALTH_PROBE) private readonly probe: HealthProbe) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether this process answers' })
  live(): Answer {
    return success({ up: true });
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether this front end and all services behind it work; 503 when not' })
  @ApiResponse({ status: 200, description: 'All of them, and their parts' })
  @ApiResponse({ status: 503, description: '`FAIL`: at least one does not; `data` says which' })
  async ready(@Res({ passthrough: true }) response: StatusResponse): Promise<Answer> {
    const services = await this.probe();
    if (services.every(({ up }) => up)) return success(services);
    response.status(503);
    return new ShopError('FAIL', 'Not everything is up', { data: services }).toAnswer();
  }
}
