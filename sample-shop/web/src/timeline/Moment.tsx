import { after, clock } from '../parts/format.ts';

/** How long after the first message of the order; the time of day on hovering. */
export function Moment({ time, start }: { time: number; start: number }) {
  return (
    <time className="muted number moment" dateTime={new Date(time).toISOString()} title={clock(time)}>
      {after(time, start)}
    </time>
  );
}
