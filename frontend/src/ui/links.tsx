import { Link } from '@tanstack/react-router';
import type { CSSProperties, ReactNode } from 'react';
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

/** The number that people know a record by: the agreed one, or the preliminary one until there is. */
export function numberOf(record: { number?: string | null; provisional?: string }): string {
  return record.number ?? record.provisional ?? '';
}
