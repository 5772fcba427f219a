import { LoadConnection, type AnswerSink } from './load-connection.ts';
import { Measure, type LoadResult } from './measure.ts';
import { FIRST_OPAQUE, RequestTemplate } from './request-template.ts';

export interface RouteLoadOptions {
  nameServer: string;
  topic: string;
  window: number;
  warmUpMs: number;
  measuredMs: number;
}

/** Asks a NameServer for one topic's route, `window` requests in flight on one connection. */
export async function routeLoad(options: RouteLoadOptions): Promise<LoadResult> {
  const measure = new Measure(options.warmUpMs, options.measuredMs);
  const template = new RequestTemplate(105, { topic: options.topic });
  const startedAt = new Float64Array(options.window * 2);
  let owed = options.window;
  let next = 0;
  let running = true;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const sink: AnswerSink = {
    onAnswer(opaque, code, _chunk, _headerStart, bodyStart, end) {
      const now = performance.now();
      if (code !== 0) measure.fail(code);
      const started = startedAt[(opaque - FIRST_OPAQUE) % startedAt.length] ?? now;
      if (!measure.add(started, now, code === 0 ? 1 : 0, end - bodyStart)) running = false;
      owed++;
    },
    onBatch() {
      if (!running) {
        if (owed >= options.window) finish();
        return;
      }
      const out = connection.outBuffer(owed * template.size);
      const now = performance.now();
      let at = 0;
      for (; owed > 0; owed--) {
        template.put(out, at, FIRST_OPAQUE + next);
        startedAt[next % startedAt.length] = now;
        next++;
        at += template.size;
      }
      connection.socket.write(out.subarray(0, at));
    },
  };
  const connection = await LoadConnection.open(options.nameServer, sink);
  sink.onBatch();
  await finished;
  connection.close();
  return measure.result();
}
