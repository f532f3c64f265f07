import { Link, useRouter } from '@tanstack/react-router';
import type { CSSProperties, MouseEvent, ReactNode } from 'react';
import type { Ref } from '@/bridge/contract';

/** Where a record of a kind is shown. */
export function pathOf(kind: string, id: string): string {
  switch (kind) {
    case 'service':
      return `/catalogue/${id}`;
    case 'article':
      return `/knowledge/${id}`;
    case 'person':
    case 'team':
    case 'site':
      return `/people/${kind}/${id}`;
    default:
      return `/tickets/${id}`;
  }
}

interface RecordLinkProps {
  record: Pick<Ref, 'id' | 'kind' | 'title'>;
  children?: ReactNode;
  className?: string;
  style?: CSSProperties;
}

/** A link to a record. What else it is given stands on the element, so that it can look like a button. */
export function RecordLink({ record, children, ...rest }: RecordLinkProps) {
  return (
    <Link to={pathOf(record.kind, record.id)} {...rest}>
      {children ?? record.title}
    </Link>
  );
}

/** A link in a row that Enter opens as well. A router's link knows whether it leads to where one is, for each of which a list would pay when it is paged through. */
export function RowLink({ record, children, className }: { record: Pick<Ref, 'id' | 'kind'>; children: ReactNode; className: string }) {
  const router = useRouter();
  const to = pathOf(record.kind, record.id);
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void router.navigate({ to });
  };
  return <a href={to} dir="auto" tabIndex={-1} className={className} onClick={follow}>{children}</a>;
}

/** The number that people know a record by: the agreed one, or the preliminary one until there is. */
export function numberOf(record: { number?: string | null; provisional?: string }): string {
  return record.number ?? record.provisional ?? '';
}
