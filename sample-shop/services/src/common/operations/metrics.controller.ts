import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { metrics } from './metrics.ts';

@ApiTags('operation')
@Controller('metrics')
export class MetricsController {
  @Get()
  @Header('content-type', metrics.contentType)
  @ApiOperation({ summary: 'Metrics of this process, for Prometheus' })
  read(): Promise<string> {
    return metrics.metrics();
  }
}
