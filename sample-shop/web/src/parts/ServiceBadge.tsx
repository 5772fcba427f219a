import { serviceOf } from './services.ts';
import './service-badge.css';

/** A producer or consumer group by its name, in the colour of its service. */
export function ServiceBadge({ group }: { group: string }) {
  const service = serviceOf(group);
  const style = service === undefined ? undefined : { '--service': `var(--service-${service})` };
  return (
    <span className="service" style={style as React.CSSProperties}>
      {group}
    </span>
  );
}
